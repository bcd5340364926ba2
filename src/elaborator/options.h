// Options for elaborating declarations and proving a plan.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "postgres/shadow.h"

namespace lockstep::elaborator {

struct Options {
  bool prove = true;
  bool coexistence = false;           // the plan stops at a gate: what a rename names works under both names there
  std::chrono::seconds hold{0};       // after contract: what goes is only hidden for so long
  bool cache = true;                  // may use and write the caches on disk (memory.h, elaborate)
  std::vector<std::string> binaries;  // postgres.bindirs
  postgres::Shadow shadow;            // where scratch databases are made
  std::string tool_version;           // written into plans
};

}  // namespace lockstep::elaborator
