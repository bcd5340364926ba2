// Primary keys and unique constraints. Both are built as an index CONCURRENTLY, which is then attached as a constraint.
#pragma once

#include "kinds/kind.h"

namespace lockstep::kinds {

std::string introspect_key(char contype, int server_version);
Steps create_key(const Object& key, const Context& context, bool primary);
// ALTER TABLE ONLY … ADD CONSTRAINT (recipes/unique_constraint.h).
std::string key_of_table_only(const Object& key);
std::string key_using_index(const Object& key, const std::string& index);
// Replaces the key by a successor with another definition. REQUIRES: nothing but a comment depends on the old one.
Steps change_key(const Object& from, const Object& to, const Context& context, bool primary);
// The recipe of the attribute `clustered`.
Steps change_clustered(const Change& change, const Object& from, const Object& to, const Context& context);
// A key of a partition can be attached to an index of the parent (attribute attached_to). Declared here: the recipe of that
// attribute; the drop, which throws RefusedError because PostgreSQL refuses it while the key is attached; and what the key has
// to be created after, since the parent's index attaches a matching key that exists already.
Steps change_attached(const Change& change, const Object& from, const Object& to, const Context& context);
Steps drop_key(const Object& key, const Context& context);
std::vector<ObjectId> key_uses(const Object& key, const Catalog& catalog);
std::string declare_key(const Object& key, std::string_view words);

// Whether `index` of the parent is the one that this key of a partition serves (KindSpec::precedes): the key is built first and
// attached then.
bool serves_index(const Object& key, const ObjectId& index);

}  // namespace lockstep::kinds
