// Cleans up the transitional objects of runs that were given up (executor/transitional.h), before the rest of a plan:
//
//   a hidden column    gets its name and values back. If the files declare the table without it, the remaining work of the
//                      other run is done instead: its values are saved and it is dropped
//   a fill trigger     is dropped, in the transaction in which its column may be NULL from then on: INSERTs that don't know the
//                      column would fail. Not so if the files declare it NOT NULL
//   everything else    (checks, successors and half-built indexes) is dropped: it contains nothing of the user's
//
// The rest of the plan is made, and proved, from the state of the database after that.
#pragma once

#include "catalog/catalog.h"
#include "executor/transitional.h"
#include "plan/plan.h"
#include "postgres/introspect.h"
#include "reconciler/comparer.h"

namespace lockstep::reconciler {

struct Tidying {
  plan::Steps steps;
  std::vector<plan::ChangeNote> changes;  // for people
  bool empty() const { return steps.empty(); }
};
// `desired`: of the files; null: undo everything. `closing`: as in executor::left_behind(). Throws RefusedError if somebody
// renamed such an object by hand. Reads only.
Tidying tidy(postgres::Session& target, const postgres::Snapshot& live, const catalog::Catalog* desired,
             const std::string& closing = {});
// Undoes what this run has left behind, and nothing of other runs.
Tidying tidy_run(postgres::Session& target, const postgres::Snapshot& live, const std::string& run);

// Inserts these steps before those of `plan` and numbers all steps.
void take_in(plan::Plan& plan, const Tidying& tidying);

// Like postgres::introspect, but with the former names of the columns to which `steps` give them back, and with the columns that
// may be NULL after `steps` as such.
postgres::Snapshot introspect_tidied(postgres::Session& target, const plan::Steps& steps, postgres::IntrospectOptions options,
                                     const std::string& closing = {});

// Throws CommandError{stale} if there is a leftover that the plan doesn't remove, which means that the plan was made before it.
void require_tidied(postgres::Session& target, const plan::Plan& plan);

// For people: "hidden column shop.customers.lockstep_dropped_fax of shop.customers.fax".
std::string describe(const executor::Transitional& one);

}  // namespace lockstep::reconciler
