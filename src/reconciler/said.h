// What a plan said that it would change, in its notes for people.
#pragma once

#include <set>
#include <string>

#include "reconciler/beside.h"

namespace lockstep::reconciler {

std::string sign_of(const catalog::Change& change);  // of a note: "+", "-" or "~"
// Whether the plan said that it would make this change. What comes or goes with its parent is not said of itself. `side`: the
// catalog that has the object.
bool says(const plan::Plan& plan, const catalog::Change& change, const catalog::Catalog& side);
// The names of what the steps that are left are about. What they recreate as it was is nothing that anybody asks for.
std::set<std::string> to_come(const Waiting& run);

}  // namespace lockstep::reconciler
