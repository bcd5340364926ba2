// SQL fragments that the introspection queries of all kinds share.
#pragma once

#include <string>
#include <string_view>

namespace lockstep::kinds {

// A condition that is true for users' schemas, so not for PostgreSQL's own nor for Lockstep's journal and trash. `alias` is
// that of a pg_namespace.
// Usage: "WHERE " + user_schema("n").
inline std::string user_schema(std::string_view alias) {
  const std::string name = std::string(alias) + ".nspname";
  return "(" + name + " !~ '^pg_' AND " + name + " NOT IN ('information_schema', 'lockstep', 'lockstep_trash'))";
}

}  // namespace lockstep::kinds
