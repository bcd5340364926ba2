// What the five kinds of table constraint share: how SQL names them, how they are dropped and renamed.
#pragma once

#include <string>

#include "kinds/kind.h"

namespace lockstep::kinds {

std::string constraint_address(const ObjectId& id);                           // "orders_fk ON shop.orders"
std::string constraint_name(const ObjectId& id);                              // plain; empty where PostgreSQL is to choose
std::string declared_constraint(const ObjectId& id, std::string_view words);  // "check positive", "check"
Steps drop_constraint(const Object& constraint, const Context& context);
// Of a primary key, a unique or an exclusion constraint: what relies on it is named.
Steps drop_arbiter(const Object& constraint, const Context& context);
Steps rename_constraint(const ObjectId& from, const ObjectId& to, const Context& context);
// " DEFERRABLE INITIALLY DEFERRED" or nothing.
std::string deferrable_sql(const Object& constraint);
// FROM … WHERE shared by their introspection queries: own constraints (not a partition's or child's copies) of user tables.
std::string constraint_source(char type);

}  // namespace lockstep::kinds
