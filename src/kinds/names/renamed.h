// The id of an object after something that it is, belongs to or speaks of was renamed.
#pragma once

#include "catalog/object.h"

namespace lockstep::kinds {

// `id` itself if the rename doesn't concern it. Exact but for names inside the last part of a routine's path, its argument types:
// those follow a renamed type only when PostgreSQL prints them again.
catalog::ObjectId renamed(const catalog::ObjectId& id, const catalog::ObjectId& from, const catalog::ObjectId& to);

// Whether it is `whole` itself, belongs to it or speaks of it, by its name.
bool is_within(const catalog::ObjectId& id, const catalog::ObjectId& whole);

}  // namespace lockstep::kinds
