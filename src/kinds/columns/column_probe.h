// The statements that would make a change of a column directly. They are run on a scratch copy to observe whether PostgreSQL
// rewrites, scans or builds (recipes/context.h, ColumnProbe), and how it converts values (recipes/conversion.h).
#pragma once

#include <optional>
#include <string>

#include "kinds/kind.h"

namespace lockstep::kinds {

// One statement that could make the change. The result is stored under `key`, which for an explicit cast is
// recipes::cast_written_out.
struct ProbeAttempt {
  ObjectId key;
  std::vector<std::string> before;  // prerequisites, which are not observed
  std::string statement;
  bool converts = false;  // the author's USING: PostgreSQL must not be asked about a cast instead (plan::Step::converts)
};
// In the order in which they are tried until PostgreSQL accepts one. Empty: the change needs no probe.
std::vector<ProbeAttempt> column_probe(const Change& change, const Catalog& live, const Catalog& desired,
                                       const catalog::Intents& intents);

}  // namespace lockstep::kinds
