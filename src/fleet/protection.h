// What no run may harm, whatever was consented to: `protect:` of an environment, and `protect` in schema files.
#pragma once

#include <string>
#include <vector>

#include "plan/hazard.h"
#include "session/session.h"

namespace lockstep::fleet {

struct Protection {
  std::vector<std::string> tables;  // globs on schema.table: not dropped, no rows or columns lost, not rewritten
  bool deny_drops = false;          // `drop: deny`: nothing is dropped that would be a loss

  bool empty() const { return tables.empty() && !deny_drops; }
};

// Throws RefusedError that names the protected object and the step that would harm it.
void refuse_harm(const Protection& protection, const plan::Plan& plan, const std::vector<plan::Hazard>& hazards,
                 const std::string& environment);

// `protect` of the files. `harm`: what they forbid of the plan (reconciler::Comparison); empty: nothing. Throws RefusedError.
void refuse_protected(const std::string& harm);
// `protect` of the files that were applied last, so that nobody lifts it and drops the object in one change. Throws RefusedError.
void refuse_unlifted(postgres::Session& session, const plan::Plan& plan);

}  // namespace lockstep::fleet
