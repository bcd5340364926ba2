#include "fleet/run_hooks.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "support/error.h"
#include "support/interrupt.h"

namespace lockstep::fleet {
namespace {

using support::ExitCode;

[[noreturn]] void fail(ExitCode code, const std::string& message) {
  throw support::CommandError(support::interrupts() > 0 ? support::interrupt_code() : code, message);
}

}  // namespace

std::string RunHooks::run(const std::vector<std::string>& commands, const std::string& hook, const std::string& gate) const {
  nlohmann::ordered_json report = {{"format", "lockstep-hook/1"}, {"hook", hook},      {"environment", facts_.environment},
                                   {"database", facts_.database}, {"run", facts_.run}, {"provenance", to_json(provenance_)}};
  if (!gate.empty()) report["gate"] = gate;
  HookFacts facts = facts_;
  facts.report = report.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
  return run_hooks(commands, facts);
}

void RunHooks::before() const {
  const std::string failure = run(hooks_.before, "before");
  if (!failure.empty())
    fail(ExitCode::failed, fmt::format("hook `before` failed: {}\nNothing was changed by this command.", failure));
}

void RunHooks::after(plan::Phase phase, postgres::Session& session, bool back) const {
  const bool contract = phase == plan::Phase::contract;
  if ((!contract && phase != plan::Phase::expand) || (contract && back)) return;
  const std::vector<std::string>& commands = contract ? hooks_.after_contract : hooks_.after_expand;
  const std::string name = contract ? "after_contract" : "after_expand";
  if (commands.empty() || executor::hook_noted(session, facts_.run, name)) return;
  const std::string failure = run(commands, name);
  if (!failure.empty())
    fail(ExitCode::partial,
         fmt::format("hook `{}` failed: {}\nThe steps of the {} phase are done and journalled (run {}). Correct "
                     "the cause, then run the same command again: the hook is run again, then {}.",
                     name, failure, plan::to_string(phase), facts_.run,
                     contract ? "the run is concluded" : "the steps that are left"));
  executor::note_hook(session, facts_.run, name);
}

void RunHooks::at_gate(const Gate& gate) const {
  const std::string failure = run(hooks_.at_gate, "at_gate", gate_text(gate));
  if (!failure.empty())
    fail(ExitCode::partial, fmt::format("hook `at_gate` failed: {}\nCorrect the cause, then run `lockstep apply` again: it runs "
                                        "the hook again, and nothing else. The run stays where it is:\n{}",
                                        failure, gate_text(gate)));
}

void RunHooks::after_all() const {
  const std::string failure = run(hooks_.after, "after");
  if (!failure.empty())
    fail(ExitCode::partial, fmt::format("run {} is done and live equals desired, but hook `after` failed: {}\n"
                                        "The run has nothing left to do; run the hook by hand.",
                                        facts_.run, failure));
}

}  // namespace lockstep::fleet
