// Primary keys and unique constraints: both are an index with a promise, built CONCURRENTLY and then attached.
#pragma once

#include "kinds/kind.h"

namespace lockstep::kinds {

std::string introspect_key(char contype, int server_version);
Steps create_key(const Object& key, const Context& context, bool primary);
// Another definition, by a successor; nothing but a comment depends on the old one.
Steps change_key(const Object& from, const Object& to, const Context& context, bool primary);
// A recipe of its attribute.
Steps change_clustered(const Change& change, const Object& from, const Object& to, const Context& context);
// A key of a partition can serve as its share of an index of the parent (attribute attached_to): a recipe of that attribute, the
// drop, which PostgreSQL refuses while it does (RefusedError), and the order: the parent's index finds it, so it comes after.
Steps change_attached(const Change& change, const Object& from, const Object& to, const Context& context);
Steps drop_key(const Object& key, const Context& context);
std::vector<ObjectId> key_uses(const Object& key, const Catalog& catalog);
std::string declare_key(const Object& key, std::string_view words);

// Whether `index` of the parent is the one that this key of a partition serves (KindSpec::precedes): the key is built first and
// attached then.
bool serves_index(const Object& key, const ObjectId& index);

}  // namespace lockstep::kinds
