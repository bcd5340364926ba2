// The statements that would make a change of a column directly: asked of PostgreSQL on a scratch copy, to hear whether it
// rewrites, scans or builds (recipes/context.h, ColumnProbe), and how it converts values (recipes/conversion.h).
#pragma once

#include <optional>
#include <string>

#include "kinds/kind.h"

namespace lockstep::kinds {

// One way to make the change. What was seen is remembered under `key`: that of recipes::cast_written_out where it is.
struct ProbeAttempt {
  ObjectId key;
  std::vector<std::string> before;  // what it needs; nothing of it counts
  std::string statement;
};
// In the order they are to be tried, until PostgreSQL takes one; empty: the change needs no asking.
std::vector<ProbeAttempt> column_probe(const Change& change, const Catalog& live, const Catalog& desired);

}  // namespace lockstep::kinds
