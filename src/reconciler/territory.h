// What a run makes, alters or drops, and what hangs on that: while it is open, a difference in there is its own work.
#pragma once

#include <set>

#include "catalog/catalog.h"
#include "plan/plan.h"

namespace lockstep::reconciler {

class Territory {
 public:
  // `live`: what depends directly on what the run touches may be printed otherwise by now.
  Territory(const plan::Plan& plan, const catalog::Catalog& live);
  bool holds(const catalog::ObjectId& id) const;

 private:
  std::set<catalog::ObjectId> touched_;
  std::set<catalog::ObjectId> dependents_;
};

}  // namespace lockstep::reconciler
