// Defaults that CREATE TABLE states, where a schema is built in an empty database. A statement for each default costs PostgreSQL
// more time than the table's own columns do. Only those that need nothing of the schema: they can't come too early. Pure.
#pragma once

#include <set>
#include <string>

#include "recipes/context.h"

namespace lockstep::recipes {

// What a default must not mention, and the tables that must not state theirs.
struct InlineDefaults {
  explicit InlineDefaults(const Catalog& to);
  std::set<std::string> names;    // of all objects
  std::set<std::string> parents;  // of tables that others inherit from: what they state is theirs when the others come
};

// The default that CREATE TABLE states for the column; null: none, or a statement of its own does.
const Object* inline_default(const ObjectId& column, const Context& context);

}  // namespace lockstep::recipes
