// Options for elaborating declarations and proving a plan.
#pragma once

#include <string>
#include <vector>

#include "postgres/shadow.h"

namespace lockstep::elaborator {

struct Options {
  bool prove = true;
  bool coexistence = false;           // the plan stops at a gate: what a rename names works under both names there
  bool cache = true;                  // may use and write the caches on disk (memory.h, elaborate)
  std::vector<std::string> binaries;  // postgres.bindirs
  postgres::Shadow shadow;            // where scratch databases are made
  std::string tool_version;           // written into plans
};

}  // namespace lockstep::elaborator
