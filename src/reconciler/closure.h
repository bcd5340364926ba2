// The closure of a change: the part of a database that is needed to try it on a scratch copy. Private to the reconciler.
#pragma once

#include <set>
#include <vector>

#include "catalog/catalog.h"
#include "plan/plan.h"

namespace lockstep::reconciler {

// The closure contains, together with everything that these need:
//   - the touched objects and all that depends on them or inherits from the relations they are part of; of these relations, and
//     of what the touched objects will need, all parts and everything that belongs to them;
//   - what those need: of a relation that is only needed, its columns and grants and the needed parts;
//   - objects outside every schema that may affect anything: extensions, event triggers, default privileges.
struct Closure {
  catalog::Catalog catalog;
  std::set<catalog::ObjectId> entire;  // roots (Catalog::root) that are complete in `catalog`
};

// `touched`: objects of `whole`, or of `wanted`, the state that `whole` will be changed to.
// `entire`: objects of `whole` to add, with all parts.
Closure closure_of(const catalog::Catalog& whole, const catalog::Catalog& wanted, const std::set<catalog::ObjectId>& touched,
                   const std::set<catalog::ObjectId>& entire = {});

// Whether `other` has all that the closure has.
bool contains(const Closure& other, const Closure& closure);

// These objects of `whole`, with the complete objects that they are part of and everything that those need: enough to create
// them and read their texts back.
catalog::Catalog self_contained(const catalog::Catalog& whole, const std::set<catalog::ObjectId>& wanted);

// These objects of `whole` with what they need, and of a relation that they are part of its columns and grants: enough to read
// their own texts back.
catalog::Catalog needed_for(const catalog::Catalog& whole, const std::set<catalog::ObjectId>& wanted);

// Whether the closure contains each object of `whole` that a step creates, drops or needs, with the whole of its relation.
bool covers(const Closure& closure, const catalog::Catalog& whole, const plan::Plan& plan);

// `whole` with `closure` replaced by `after`.
catalog::Catalog with_closure(const catalog::Catalog& whole, const Closure& closure, const catalog::Catalog& after);

}  // namespace lockstep::reconciler
