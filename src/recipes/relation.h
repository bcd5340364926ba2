// Facts about tables that several recipes need. Pure.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "recipes/context.h"

namespace lockstep::recipes {

// The table (or other relation) of an object {schema, relation, name}.
ObjectId relation_of(const ObjectId& part);
std::string relation_name(const ObjectId& part);  // qualified, quoted

// The columns that identify a row in a message: those of the primary key, else empty.
std::vector<std::string> key_columns(const Catalog& catalog, const ObjectId& relation);
// "id, country" or "ctid, country": the columns to save so that a column's values can be restored. If the plan also drops key
// columns, ctid is saved too, since the key may be gone by then ("ctid, id, country").
std::string saved_columns(const Context& context, const ObjectId& relation, const std::string& column);

// The indexes and unique constraints of the tables above a partition. When one of those is created, PostgreSQL attaches a
// matching index that it finds on a partition. An index of the partition that is to stay separate must therefore be created
// after them.
std::vector<ObjectId> indexes_above(const Object& part, const Catalog& catalog);

// The key of `partition` that is attached to the parent's index of this name.
std::optional<ObjectId> key_attached_to(const Catalog& catalog, const ObjectId& partition, const std::string& index);

bool is_partitioned(const Catalog& catalog, const ObjectId& relation);
// Direct partitions, in name order.
std::vector<ObjectId> partitions(const Catalog& catalog, const ObjectId& relation);

// Whether it is a DEFAULT partition that keeps its rows and its parent through the plan.
bool stays_default(const ObjectId& partition, const Context& context);
// The parent's DEFAULT partition with rows, if `partition` is created in or attached to that parent.
std::optional<ObjectId> default_beside(const Object& partition, const Context& context);

// Whether this plan creates all of these columns of `relation`, so that no statement of the old application version can use
// them.
bool all_new(const Context& context, const ObjectId& relation, const std::vector<std::string>& columns);

// Whether the plan puts another relation in the table's place and keeps its rows: it becomes a partitioned one, or a plain one.
bool is_remade(const Context& context, const ObjectId& relation);
// Whether rows that stay can be asked about these columns before the plan: the relation has them now, with the values that stay.
bool has_now(const Context& context, const ObjectId& relation, const std::vector<std::string>& columns);

// What `object` depends on in the desired catalog: all of that must be in its final shape before its successor can be created.
// Empty for what that catalog lacks (a partition's share of a key).
std::vector<ObjectId> leans_on(const Object& object, const Context& context);

// Whether an object in the schema, of whatever kind, has that name.
bool has_named(const Catalog& side, const std::string& schema, const std::string& name);
// As PostgreSQL makes a name that nothing has: with a number behind it where it is taken.
std::string numbered_name(const std::string& wanted, const std::function<bool(const std::string&)>& is_taken);
// Whether the index or key is the replica identity of its table.
bool identifies_rows(const Catalog& side, const Object& index);

// A name for a transitional object, derived from `wanted`, that nothing in the schema has in either catalog.
std::string transitional_name(const Context& context, const std::string& schema, const std::string& wanted);

// The name cut to PostgreSQL's 63 bytes, with a digest if it had to be shortened.
std::string short_name(const std::string& wanted);

}  // namespace lockstep::recipes
