// The id of an object after something that it is, belongs to or speaks of was renamed.
#pragma once

#include <string>
#include <vector>

#include "catalog/object.h"

namespace lockstep::kinds {

// `id` itself if the rename doesn't concern it. Exact but for names inside the last part of a routine's path, its argument types:
// those follow a renamed type only when PostgreSQL prints them again.
catalog::ObjectId renamed(const catalog::ObjectId& id, const catalog::ObjectId& from, const catalog::ObjectId& to);

// The same for several renames that happen at once: `from` and `to` have the names before and after all of them.
catalog::ObjectId renamed(const catalog::ObjectId& id, const std::vector<catalog::ObjectId>& from,
                          const std::vector<catalog::ObjectId>& to);
// Whether only one of them can exist under this name: the same id, or two relations of one schema (NameScope).
bool exclude_each_other(const catalog::ObjectId& one, const catalog::ObjectId& other);
// The last name of its path; of a routine, the one before its arguments.
const std::string& bare_name(const catalog::ObjectId& id);
// The same object by another name of its own.
catalog::ObjectId with_name(catalog::ObjectId id, const std::string& name);
// Whether it is a routine whose arguments, a part of its id, may mention an object of this name (a type).
bool is_printed_with(const catalog::ObjectId& id, const catalog::ObjectId& name);
// Whether it is `whole` itself, belongs to it or speaks of it, by its name.
bool is_within(const catalog::ObjectId& id, const catalog::ObjectId& whole);

}  // namespace lockstep::kinds
