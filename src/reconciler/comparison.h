// Runs the stages in order: elaborate, compare, plan, prove, and verify after an apply.
//
//   files → declared → (scratch) → desired;  target → live → (scratch copy) → live′;  diff → plan → proof
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "elaborator/desired.h"
#include "elaborator/options.h"
#include "plan/plan.h"
#include "postgres/introspect.h"
#include "reconciler/beside.h"
#include "reconciler/selection.h"
#include "session/session.h"
#include "support/diagnostic.h"

namespace lockstep::reconciler {

struct Comparison {
  plan::Plan plan;  // empty: live equals desired
  postgres::Snapshot live;
  elaborator::Desired desired;
  std::vector<std::string> unmanaged;  // descriptions
  // Of runs that wait at the gate. The plan leaves out what they will do, unless the files want something else of the objects
  // that they change.
  std::vector<std::string> left_to;
  std::vector<Beside::Disagreement> disagreements;
  // What `protect` of the files forbids of the plan; empty: nothing. The caller refuses it, after it has shown the plan.
  std::string harm;
};
// Makes the whole plan, or with a selection a part of it: then `desired` is live's for what is left out (reconciler/cut.h), and
// the plan says so. `live`: what has been read through `target`; nullopt: it is read now. Throws CommandError{failed} that names
// the differences if the plan can't be proved.
Comparison compare(postgres::Session& target, const parser::Declared& declared, const elaborator::Options& options,
                   support::Diagnostics& diagnostics, const Selection& selection = {},
                   std::optional<postgres::Snapshot> live = std::nullopt);

// The entries of `plan.read_set` that differ in `live`: names of objects and settings, with what changed. Empty: the plan is
// fresh.
std::vector<std::string> stale(const plan::Plan& plan, const postgres::Snapshot& live);

// For after an apply: reads the catalog again and lists what differs from desired. Empty: live equals desired.
std::vector<std::string> verify(postgres::Session& target, const elaborator::Desired& desired,
                                const elaborator::Options& options);

}  // namespace lockstep::reconciler
