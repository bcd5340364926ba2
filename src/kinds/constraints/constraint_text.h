// What the five kinds of table constraint share: their address in SQL, DROP and RENAME.
#pragma once

#include <string>

#include "kinds/kind.h"

namespace lockstep::kinds {

std::string constraint_address(const ObjectId& id);                           // "orders_fk ON shop.orders"
std::string constraint_name(const ObjectId& id);                              // plain; empty: PostgreSQL chooses it
std::string declared_constraint(const ObjectId& id, std::string_view words);  // "check positive", "check"
Steps drop_constraint(const Object& constraint, const Context& context);
// For a primary key, unique or exclusion constraint: names what relies on it.
Steps drop_arbiter(const Object& constraint, const Context& context);
Steps rename_constraint(const ObjectId& from, const ObjectId& to, const Context& context);
// " DEFERRABLE INITIALLY DEFERRED", or empty.
std::string deferrable_sql(const Object& constraint);
// NOT ENFORCED (18 and later): PostgreSQL checks no row against it, and calls it NOT VALID too.
bool is_enforced(const Object& constraint);
std::string enforced_column(int server_version);  // of their introspection queries
// " not enforced", " not valid", or empty.
std::string declared_validity(const Object& constraint);
// The FROM … WHERE of their introspection queries: the own constraints of user tables, without the copies that partitions and
// children inherit.
std::string constraint_source(char type);

}  // namespace lockstep::kinds
