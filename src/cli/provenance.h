// From what and why a command applies: the commit, the CI job, what comes before in another environment. For `apply` and
// `deploy`.
#pragma once

#include <string>

#include "cli/flags.h"
#include "cli/target.h"

namespace lockstep::cli {

struct PromotionOptions {
  std::string message, reason;
  bool force = false;
};

void promotion_flags(Flags app, PromotionOptions& options);
// Fills what the job needs of them. `plan_file`: that is to be run; null: none. Throws UsageError for options that say nothing
// together.
void take_promotion(fleet::Job& job, const Work& todo, const PromotionOptions& options, const support::SourcePtr& plan_file,
                    const Console& console);
// --confirm NAME, and the conversation's options that follow from it.
void confirm_flag(Flags app, std::string& confirmed);
std::string name_to_confirm(const Work& todo);  // empty: none

}  // namespace lockstep::cli
