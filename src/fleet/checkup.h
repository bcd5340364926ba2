// Questions to a database that are cheap and read-only, asked by `check` before anybody plans.
#pragma once

#include <string>
#include <vector>

#include "postgres/session.h"

namespace lockstep::fleet {

enum class Verdict { good, warning, bad };

struct Finding {
  Verdict verdict = Verdict::good;
  std::string text;  // one line for a person
};

// One or more findings per check, in a fixed order. `bad`: an apply would fail.
std::vector<Finding> checkup(postgres::Session& session);

}  // namespace lockstep::fleet
