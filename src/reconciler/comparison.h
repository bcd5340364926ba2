// The one place that wires the stages: elaborate, compare, plan, prove, execute, verify.
//
//   files → declared → (scratch) → desired;  target → live → (scratch copy, renames) → live′;  diff → plan → proof
#pragma once

#include <string>
#include <vector>

#include "elaborator/desired.h"
#include "elaborator/options.h"
#include "plan/plan.h"
#include "postgres/introspect.h"
#include "postgres/session.h"
#include "support/diagnostic.h"

namespace lockstep::reconciler {

struct Comparison {
  plan::Plan plan;  // empty: live equals desired
  postgres::Snapshot live;
  elaborator::Desired desired;
  std::vector<std::string> unmanaged;  // descriptions
};
// The whole of `plan`. Throws CommandError{failed} when the plan can't be proved, naming what differs.
Comparison compare(postgres::Session& target, const parser::Declared& declared, const elaborator::Options& options,
                   support::Diagnostics& diagnostics);

// What of `plan.read_set` is no longer so in `live`: object names and settings with what happened to them. Empty: still fresh.
std::vector<std::string> stale(const plan::Plan& plan, const postgres::Snapshot& live);

// After an apply: reads the catalog again; lists what differs from desired. Empty: live equals desired.
std::vector<std::string> verify(postgres::Session& target, const elaborator::Desired& desired,
                                const elaborator::Options& options);

}  // namespace lockstep::reconciler
