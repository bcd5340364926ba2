// The publications that tables are part of, and what a new column means to those who subscribe to them.
#pragma once

#include <set>
#include <string>
#include <utility>

#include "recipes/context.h"

namespace lockstep::recipes {

// {schema, name} of each
using Tables = std::set<std::pair<std::string, std::string>>;

// Whether it publishes one of the tables. `whole`: without a list of columns.
bool publishes(const Object& publication, const Tables& tables, bool whole = false);

// A subscription of PostgreSQL's own stops with an error, and holds back the server's WAL, as long as its table lacks a column
// that is published. Adds a hazard to the step that adds column `name` to the existing table, if the table is published whole.
void warn_subscribers(const ObjectId& relation, const std::string& name, const Context& context, plan::Step& step);

}  // namespace lockstep::recipes
