// `protect:` of an environment: what no run may harm there, whatever was consented to (like `protect` in a schema file).
#pragma once

#include <string>
#include <vector>

#include "plan/hazard.h"

namespace lockstep::fleet {

struct Protection {
  std::vector<std::string> tables;  // globs on schema.table: not dropped, no rows or columns lost, not rewritten
  bool deny_drops = false;          // `drop: deny`: nothing is dropped that would be a loss

  bool empty() const { return tables.empty() && !deny_drops; }
};

// Throws RefusedError that names the protected object and the step that would harm it.
void refuse_harm(const Protection& protection, const plan::Plan& plan, const std::vector<plan::Hazard>& hazards,
                 const std::string& environment);

}  // namespace lockstep::fleet
