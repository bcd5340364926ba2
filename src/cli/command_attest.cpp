// Signs that an environment has the declarations of these files, applied and verified, for others that come `after:` it and can't
// reach its database.
#include <fmt/format.h>

#include <chrono>
#include <filesystem>

#include "cli/commands.h"
#include "cli/report.h"
#include "cli/signer.h"
#include "cli/target.h"
#include "cli/text.h"
#include "executor/sound_journal.h"
#include "fleet/attestation.h"
#include "fleet/promotion.h"
#include "fleet/status.h"
#include "plan/phase_name.h"
#include "support/error.h"
#include "support/lines.h"
#include "support/visible.h"

namespace lockstep::cli {
namespace command_attest {
namespace {

using support::CommandError;
using support::ExitCode;

struct Options {
  SchemaOptions schema;
  std::string env, key, output, phase = "contract", valid = "7d";
};

void flags(Flags app, Options& options) {
  app.option("--env", options.env, "the environment that it is about").required().type("NAME");
  app.option("--key", options.key, "the secret key, NAME.key, of the approver NAME").required().type("FILE");
  app.option("-o,--output", options.output, "where it is written (default: attestations/ENVIRONMENT.json beside lockstep.yaml)")
      .type("FILE");
  std::vector<std::string> phases;
  for (const plan::Phase phase : {plan::Phase::expand, plan::Phase::migrate, plan::Phase::contract})
    phases.emplace_back(to_string(phase));
  app.option("--phase", options.phase, "up to the end of which phase; migrate: it may wait at the gate (default: contract)")
      .type("PHASE")
      .choices(phases);
  app.option("--valid", options.valid, "for how long it counts: 12h, 7d, 4w (default: 7d)").type("AGE");
  schema_flags(app, options.schema);
}

// Why the database isn't, as it is, what the declarations say up to that phase.
std::vector<std::string> flaws(const fleet::Status& status, const fleet::Evidence& evidence) {
  std::vector<std::string> list;
  if (evidence.run.empty()) list.push_back(evidence.missing);
  if (!status.drift_known)
    list.emplace_back("whether somebody else has changed it can't be told: nothing was recorded by this version");
  if (!status.drift.empty())
    list.push_back(fmt::format("{} drifted (`lockstep verify` lists them)", plural(status.drift.size(), "object")));
  list.insert(list.end(), status.unsound.begin(), status.unsound.end());
  const bool waits = status.gate && status.gate->run == evidence.run;
  if (status.open && !waits)
    list.push_back(fmt::format("run {} is open, so the database is on its way to something else", run_name(status.open->id)));
  if (!waits && !status.pending.empty())
    list.push_back(fmt::format("{} pending: it has other declarations by now", plural(status.pending.size(), "change")));
  return list;
}

ExitCode run(const Options& options, const ConfigOptions& config, const Console& console) {
  const auto valid = fleet::age_of(options.valid);
  if (!valid) throw support::UsageError(fmt::format("--valid {}: an age such as 12h, 7d or 4w is wanted", options.valid));
  TargetsOptions targets;
  targets.environments = {options.env};
  Work todo = works(config, targets, options.schema, console).front();
  if (!todo.sources)
    throw support::UsageError("which declarations? Give --schema, or `schema:` in lockstep.yaml. Nothing was signed");
  const Signer signer = signer_of(options.key, todo.configuration->approvers);
  todo.sources->promoted = true;
  support::Diagnostics diagnostics;
  const parser::Declared declared = elaborator::declare(*todo.sources, diagnostics);
  settle(diagnostics, console);
  const auto session = executor::connect(todo.url, todo.settings.application);
  const auto now = std::chrono::system_clock::now();
  const fleet::Status status = fleet::status(*session, todo.known, &declared, todo.options, diagnostics);
  settle(diagnostics, console);
  if (!status.wrong_target.empty()) throw CommandError(ExitCode::stale, status.wrong_target + "\nNothing was signed");
  if (!status.broken_journal.empty())
    throw CommandError(ExitCode::mismatch, "the journal isn't intact: " + status.broken_journal + "\nNothing was signed");
  const plan::Phase phase = *plan::phase_named(options.phase);
  const fleet::Evidence evidence = fleet::evidence_of(status.runs, declared.declarations, phase);
  if (const auto list = flaws(status, evidence); !list.empty())
    throw support::RefusedError(
        support::visible_lines(fmt::format("environment {} can't be attested up to the end of phase {}:{}\nNothing was signed",
                                           options.env, options.phase, support::listed(list))));
  const auto identity = executor::identity(*session);
  const fleet::Attestation attestation = fleet::signed_by({.environment = options.env,
                                                           .identity = identity->id,
                                                           .database = identity->database,
                                                           .declarations = declared.declarations,
                                                           .phase = options.phase,
                                                           .run = evidence.run,
                                                           .at = iso_time(now),
                                                           .expires = iso_time(now + *valid),
                                                           .by = signer.name,
                                                           .signature = {}},
                                                          signer.secret);
  const std::string path = options.output.empty() ? attestation_path(*todo.configuration, options.env) : options.output;
  std::error_code failed;
  if (const auto folder = std::filesystem::path(path).parent_path(); !folder.empty())
    std::filesystem::create_directories(folder, failed);
  write_file(path, to_text(attestation));
  console.out(fmt::format("attested by {}: {} has these declarations up to the end of phase {}, run {}; until {}: {}\n",
                          signer.name, options.env, options.phase, run_name(evidence.run), short_time(attestation.expires),
                          path));
  return ExitCode::done;
}

}  // namespace
}  // namespace command_attest

constinit const Command kAttest = command<command_attest::flags, command_attest::run>(
    "attest", "sign that an environment has these declarations, for those that come after it");

}  // namespace lockstep::cli
