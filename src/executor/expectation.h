// Checks that a database is still what a plan was made for, by comparing the relations that its steps alter, part by part.
//
// It runs twice. Before the first step it compares everything in `plan.before` (exit 4, nothing changed), and when a run is
// resumed, what the remaining steps expect. Then each step compares what it alters, under its lock, so that the result holds
// until it commits. Only differences that matter to a step count. Everything that is missing matters. Of new parts, these
// matter: columns with a name that the step creates, children, users of a column that the step alters or destroys, and anything
// if the step rewrites or destroys the relation; and triggers, rules, constraints, policies, generated columns and indexes over
// expressions if it writes rows in batches. A new index on another column doesn't stop a step that adds a column.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "executor/journal.h"
#include "executor/relation_shape.h"
#include "plan/plan.h"
#include "session/session.h"

namespace lockstep::executor {

// How relations now differ from what the step expects of them, if it matters to the step: one line each, sorted.
// Triggers of another run that the plan takes away are no difference: the copy that it was proved on didn't have them.
std::vector<std::string> moved_since(postgres::Session& session, const plan::Plan& plan, const plan::Step& step);
// Of a step that updates rows in batches, and relations with such rows that the plan didn't know (a partition that is new since):
// what runs as their rows are written, beyond what runs for those that it knew.
std::vector<std::string> code_beside(postgres::Session& session, const plan::Step& step,
                                     const std::vector<std::string>& relations);
// The same as moved_since() for all steps, before the plan's first step. Uses a read-only transaction of its own.
std::vector<std::string> moved_before(postgres::Session& session, const plan::Plan& plan);
// The same when a run is resumed, for the steps that have not begun. A relation must be as the first of them expects it, apart
// from transitional objects that an unfinished step before it makes or takes away. It is not compared if such a step alters it
// in another way, and what its shape says of another relation or a type that such a step alters isn't either.
std::vector<std::string> moved_of_rest(postgres::Session& session, const plan::Plan& plan,
                                       const std::map<std::string, StepState>& states);

}  // namespace lockstep::executor
