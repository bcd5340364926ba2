// What a team ticks off before a deployment. Each box is answered from the plan, lockstep.yaml, the repository and the databases;
// none is ticked because somebody says so.
#pragma once

#include <string>
#include <vector>

#include "cli/console.h"
#include "cli/target.h"
#include "fleet/rollout.h"
#include "plan/hazard.h"
#include "plan/plan.h"

namespace lockstep::cli {

struct Check {
  bool done;
  std::string text;  // one line; may contain names of the database
};
using Checklist = std::vector<Check>;

// `job`: of the environment, with its requirements (take_promotion()). Asks the remote repository if `up_to_date` is required,
// and the upstream database or its attestation if there is one. `target`: the database that the plan is for.
Checklist checklist_of(const plan::Plan& plan, const std::vector<plan::Hazard>& hazards, const fleet::Job& job,
                       postgres::Session& target);

// "Checklist\n  [x] …\n"; empty for no checks.
std::string checklist_text(const Checklist& checklist);

}  // namespace lockstep::cli
