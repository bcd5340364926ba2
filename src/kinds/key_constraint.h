// Primary keys and unique constraints: both are an index with a promise, built CONCURRENTLY and then attached.
#pragma once

#include "kinds/kind.h"

namespace lockstep::kinds {

std::string introspect_key(char contype, int server_version);
Steps create_key(const Object& key, const Context& context, bool primary);
std::string declare_key(const Object& key, std::string_view words);

}  // namespace lockstep::kinds
