#include "cli/conversation.h"

#include <fmt/format.h>

#include "cli/plan_view.h"
#include "cli/progress.h"
#include "cli/report.h"
#include "support/error.h"
#include "support/visible.h"

namespace lockstep::cli {
namespace {

class TerminalConversation : public fleet::Conversation {
 public:
  TerminalConversation(const Console& console, const ConversationOptions& options)
      : console_(console), options_(options), progress_(make_progress(console)) {}

  void show_diagnostics(const support::Diagnostics& diagnostics) override { show(diagnostics, console_); }

  void show_plan(const plan::Plan& plan, const std::vector<plan::Hazard>& hazards) override {
    if (options_.show_plan && !console_.quiet && !plan.empty())
      console_.out(
          plan_text(plan, hazards, {.colour = console_.colour_out, .statements = options_.statements, .width = console_.width}) +
          "\n");
  }

  // --yes consents to no hazard, so a person is asked all the same.
  bool accepts(const plan::Hazard& hazard) override {
    if (!console_.person) return false;
    return console_.ask(
        support::visible(fmt::format("{}{}{} {}: {}. Do you consent?", hazard.step, hazard.step.empty() ? "" : " ", hazard.kind,
                                     hazard.object, hazard.message)));
  }

  void open_run_found(const executor::RunRecord& run) override {
    const std::string state =
        run.waits()  ? fmt::format("waits at the gate before phase {} since {},", plan::to_string(run.next), run.waits_since)
        : run.held() ? fmt::format("is held until {},", run.held_until)
                     : "stopped";
    console_.err(fmt::format("run {} by {}, started {}, {} after {} of {} steps{}{}\n", run.id, run.who(), run.started, state,
                             run.settled, run.steps, run.last_error.empty() ? "" : ": ", run.last_error));
  }

  void approve_other(const std::string& situation, const std::string& commands) override {
    if (!console_.person)
      throw support::RefusedError(situation + "\nThat is a decision for a person" +
                                  (options_.yes ? ", and --yes doesn't make it" : ", and nobody is at the terminal to make it") +
                                  ". Nothing was changed by this command.\n" + commands);
    console_.err(situation + "\n");
    if (!console_.ask("Finish it first?")) throw support::RefusedError("not run; nothing was changed.\n" + commands);
  }

  void approve(const std::string& question) override {
    if (!options_.name.empty()) return approve_by_name(question);
    if (!options_.yes && !console_.person)
      throw support::RefusedError(question + " Nobody is at the terminal to answer; give --yes. Nothing was changed");
    if (!options_.yes && !console_.ask(question)) throw support::RefusedError("not run; nothing was changed");
  }

  executor::Output& output() override { return *progress_; }

 private:
  void approve_by_name(const std::string& question) const {
    const std::string wanted = fmt::format("environment {} has `confirm: name`", options_.name);
    if (options_.confirmed.empty() && !console_.person)
      throw support::RefusedError(fmt::format("{}, and {}: give --confirm {}. Nothing was changed", wanted,
                                              options_.yes ? "--yes isn't its name" : "nobody is at the terminal to type it",
                                              options_.name));
    const std::string answer =
        options_.confirmed.empty() ? console_.answer(question + " Type the environment's name:") : options_.confirmed;
    if (answer != options_.name)
      throw support::RefusedError(
          fmt::format("{}, and the answer was \"{}\": not run; nothing was changed", wanted, support::visible(answer)));
  }

  const Console& console_;
  ConversationOptions options_;
  std::unique_ptr<executor::Output> progress_;
};

}  // namespace

std::unique_ptr<fleet::Conversation> make_conversation(const Console& console, const ConversationOptions& options) {
  return std::make_unique<TerminalConversation>(console, options);
}

}  // namespace lockstep::cli
