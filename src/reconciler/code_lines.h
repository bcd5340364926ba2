// Digests of printed texts in the shapes that a plan expects (executor/relation_shape.h). They come from the scratch copy, which
// may print a trigger's condition or a rule in other words than the database, whose text it was made from.
#pragma once

#include "catalog/catalog.h"
#include "plan/plan.h"
#include "session/session.h"

namespace lockstep::reconciler {

// Puts the database's digest in the place of the copy's where the two differ, for what the plan finds and leaves as it is.
// `live`: what the plan was made from. Throws CommandError{stale} if the object has changed since. Reads only; asks nothing where
// no step of the plan updates rows in batches, and reads the catalog again only where digests differ.
void take_digests(postgres::Session& target, const catalog::Catalog& live, plan::Plan& plan);

}  // namespace lockstep::reconciler
