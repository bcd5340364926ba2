// Whether a database still is what a plan was made for: the relations that its steps alter, compared part by part.
//
// Asked twice. Before the first step, of everything in `plan.before` (exit 4, nothing changed), and when a run goes on, of what
// is still to be done. Then by each step of what it alters, under its lock, so that the answer holds until it commits. Only what
// matters to a step counts. Whatever is gone matters. Of what is new: columns of a name that the step makes, children, what uses
// a column that the step alters or destroys, and everything where the step rewrites or destroys the relation. An index made
// meanwhile on another column doesn't stop a step that adds a column.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "executor/journal.h"
#include "executor/relation_shape.h"
#include "plan/plan.h"
#include "postgres/session.h"

namespace lockstep::executor {

// How relations differ from what a step expects of them now, where it matters to the step: one line each, sorted.
std::vector<std::string> moved_since(postgres::Session& session, const plan::Step& step);
// Before the plan's first step: likewise of all its steps. In a read-only transaction of its own.
std::vector<std::string> moved_before(postgres::Session& session, const plan::Plan& plan);
// When a run goes on: of the steps that are not begun, as far as no step that is not done comes before and changes the relation.
std::vector<std::string> moved_of_rest(postgres::Session& session, const plan::Plan& plan,
                                       const std::map<std::string, StepState>& states);

}  // namespace lockstep::executor
