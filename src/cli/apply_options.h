// What `apply` and `deploy` have in common: their options, the job that follows from them, and what is printed in the end.
#pragma once

#include <optional>
#include <string>

#include "cli/flags.h"
#include "cli/options.h"
#include "cli/provenance.h"
#include "cli/target.h"
#include "fleet/rollout.h"
#include "reconciler/selection.h"
#include "support/error.h"

namespace lockstep::cli {

struct ApplyOptions {
  TargetOptions target;
  SchemaOptions schema;
  BackupOptions backup;
  ConsentOptions consent;
  PromotionOptions promotion;
  std::string plan_file, phase, still_used, run, confirmed;
  std::optional<std::string> hold;
  reconciler::Selection selection;
};

void apply_flags(Flags app, ApplyOptions& options);
struct ApplyJob {
  Work todo;
  fleet::Job job;
};
// Reads the plan file, if one is given, and the configuration. Throws UsageError, RefusedError.
ApplyJob apply_job(const ApplyOptions& options, const ConfigOptions& config, const Console& console);
support::ExitCode show_outcome(const fleet::Outcome& outcome, const ApplyOptions& options, const Work& todo,
                               const Console& console);

}  // namespace lockstep::cli
