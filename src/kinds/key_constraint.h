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
std::string declare_key(const Object& key, std::string_view words);

}  // namespace lockstep::kinds
