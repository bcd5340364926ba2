// Small facts about tables that several recipes need. Pure.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "recipes/context.h"

namespace lockstep::recipes {

// The table (or other relation) an object {schema, relation, name} belongs to.
ObjectId relation_of(const ObjectId& part);
std::string relation_name(const ObjectId& part);  // qualified, quoted

// Columns to show a row by: the primary key's, else empty.
std::vector<std::string> key_columns(const Catalog& catalog, const ObjectId& relation);
// "id, country" | "ctid, country" – what is saved so that a column's values can be put back. Key columns that go too may be gone
// by then: the row's place stands for them ("ctid, id, country").
std::string saved_columns(const Context& context, const ObjectId& relation, const std::string& column);

// Indexes and unique constraints of the tables a partition is part of. PostgreSQL makes an index that it finds at a partition a
// share of an alike one that is made above: one that stands by itself has to come after those.
std::vector<ObjectId> indexes_above(const Object& part, const Catalog& catalog);

// The key of `partition` that serves as its share of the parent's index of this name.
std::optional<ObjectId> key_attached_to(const Catalog& catalog, const ObjectId& partition, const std::string& index);

bool is_partitioned(const Catalog& catalog, const ObjectId& relation);
// Direct partitions, in name order.
std::vector<ObjectId> partitions(const Catalog& catalog, const ObjectId& relation);

// A DEFAULT partition that keeps its rows and its place through the plan.
bool stays_default(const ObjectId& partition, const Context& context);
// The DEFAULT partition with rows of the parent that `partition` comes to, if it has one.
std::optional<ObjectId> default_beside(const Object& partition, const Context& context);

// Every one of these columns of `relation` is made by this plan: nothing an old statement does can touch them.
bool all_new(const Context& context, const ObjectId& relation, const std::vector<std::string>& columns);

// What `object` leans on in the desired catalog: what has to be in its final shape before a successor of it can be made.
std::vector<ObjectId> leans_on(const Object& object, const Context& context);

// A name for what a plan makes and takes away again, after `wanted`, that nothing in the schema has on either side.
std::string transitional_name(const Context& context, const std::string& schema, const std::string& wanted);

// A name within PostgreSQL's 63 bytes, shortened with a digest where needed.
std::string short_name(const std::string& wanted);

}  // namespace lockstep::recipes
