// SQL snippets that the introspection queries of all kinds share.
#pragma once

#include <string>
#include <string_view>

namespace lockstep::kinds {

// True for schemas that people fill: not PostgreSQL's own, not Lockstep's journal and trash. `alias` is a pg_namespace.
// Usage: "WHERE " + user_schema("n").
inline std::string user_schema(std::string_view alias) {
  const std::string name = std::string(alias) + ".nspname";
  return "(" + name + " !~ '^pg_' AND " + name + " NOT IN ('information_schema', 'lockstep', 'lockstep_trash'))";
}

}  // namespace lockstep::kinds
