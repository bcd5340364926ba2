// Leaves a part of the changes out of a comparison: --only and --exclude.
//
//   desired, live, selection → cut → the desired state with live's objects for what is left out → planner, proof
//
// So nothing behind it knows of a cut: the plan leads to that state, and is proved on a copy like any other.
//
// A change needs other ones: by the edges of the desired state what is created or altered needs what it depends on, by those of
// live what is dropped needs that its dependents go or change before it, and a rename needs what is printed with either name.
// --only takes these in, and says so. What --exclude leaves out and another change needs is a UsageError that names both.
#pragma once

#include <set>
#include <string>
#include <utility>
#include <vector>

#include "elaborator/desired.h"
#include "parser/declared.h"
#include "postgres/introspect.h"
#include "reconciler/beside.h"
#include "reconciler/selection.h"

namespace lockstep::reconciler {

struct Cut {
  elaborator::Desired desired;
  parser::Declared declared;  // without the intents of what is left out
  // What was not named and is changed all the same, and what needs it.
  std::vector<std::pair<catalog::ObjectId, catalog::ObjectId>> also;
  std::vector<catalog::ObjectId> left_out;
};
// `beside`: what waiting runs will do is for the comparison to leave out, and stays as the files want it.
// REQUIRES: selection.any(). Throws UsageError for a name that matches nothing, and for a cut that can't be.
Cut cut(const Selection& selection, const parser::Declared& declared, const elaborator::Desired& desired,
        const postgres::Snapshot& live, const Beside& beside);
// Makes the plan tell that it is of the chosen part, and people what came along and what was left out. `whole`: the fingerprint
// of the whole desired state.
void note_part(plan::Plan& plan, const Cut& part, const Selection& selection, const std::string& whole);

}  // namespace lockstep::reconciler
