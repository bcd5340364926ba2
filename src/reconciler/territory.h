// The territory of a run: what it creates, alters or drops, and what depends on that. While the run is open, a difference in
// there is its own work.
#pragma once

#include <set>

#include "catalog/catalog.h"
#include "plan/plan.h"

namespace lockstep::reconciler {

class Territory {
 public:
  // `live`: the direct dependents of what the run touches belong to the territory too, since PostgreSQL may print them
  // differently now.
  Territory(const plan::Plan& plan, const catalog::Catalog& live);
  bool holds(const catalog::ObjectId& id) const;

 private:
  std::set<catalog::ObjectId> touched_;
  std::set<catalog::ObjectId> dependents_;
  std::set<catalog::ObjectId> names_;  // old and new ones of renames
};

}  // namespace lockstep::reconciler
