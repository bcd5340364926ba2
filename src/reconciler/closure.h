// As much of a database as it takes to try a change of a few objects on a scratch copy. Private to the reconciler.
#pragma once

#include <set>
#include <vector>

#include "catalog/catalog.h"
#include "plan/plan.h"

namespace lockstep::reconciler {

// Closed under what each of its objects needs:
//   - the touched objects, and all that depends on them or inherits from what they are a part of: the relations of these,
//     and what the touched ones will need, with everything in them and on them;
//   - what those need: of a relation that is only needed, its columns and grants, and the parts that are needed;
//   - what stands outside every schema and may act on anything: extensions, event triggers, default privileges.
struct Closure {
  catalog::Catalog catalog;
  std::set<catalog::ObjectId> entire;  // roots (Catalog::root) of which nothing is left out
};

// `touched` are of `whole`, or of what it is to be changed to: `wanted`.
Closure closure_of(const catalog::Catalog& whole, const catalog::Catalog& wanted, const std::set<catalog::ObjectId>& touched);

// These objects of `whole`, with everything in what they are a part of and all that those need: enough to read their texts back.
catalog::Catalog self_contained(const catalog::Catalog& whole, const std::set<catalog::ObjectId>& wanted);

// Whether each object of `whole` that a step makes, drops or needs is in the closure, with all that belongs to its relation.
bool covers(const Closure& closure, const catalog::Catalog& whole, const plan::Plan& plan);

// `whole` as it is once `after` took the place of `closure`.
catalog::Catalog with_closure(const catalog::Catalog& whole, const Closure& closure, const catalog::Catalog& after);

}  // namespace lockstep::reconciler
