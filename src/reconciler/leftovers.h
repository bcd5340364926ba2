// What runs left behind that were given up (executor/transitional.h), and how a plan deals with it before anything else:
//
//   a hidden column    gets its name back, with its values; where the files want the table without it, what the other run had
//                      still to do is done instead: its values are saved and it is dropped
//   everything else    (fill triggers, checks, successors and half-built indexes) is removed: it holds nothing of the user's
//
// The rest of the plan is made, and proved, from what the database is after that.
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
// `desired`: of the files; null: everything is undone. Throws RefusedError where somebody renamed such an object by hand. Reads
// only.
Tidying tidy(postgres::Session& target, const postgres::Snapshot& live, const catalog::Catalog* desired);

// Puts it before the steps of `plan`, and numbers them.
void take_in(plan::Plan& plan, const Tidying& tidying);

// As postgres::introspect, with the columns under their former names that steps of `steps` give those back.
postgres::Snapshot introspect_tidied(postgres::Session& target, const plan::Steps& steps, postgres::IntrospectOptions options);

// Throws CommandError{stale} where something is left behind that the plan doesn't take away: it was made without knowing.
void require_tidied(postgres::Session& target, const plan::Plan& plan);

// For people: "hidden column shop.customers.lockstep_dropped_fax of shop.customers.fax".
std::string describe(const executor::Transitional& one);

}  // namespace lockstep::reconciler
