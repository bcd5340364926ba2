// A column and the columns that come from it in partitions and inheritance children (its descendants), and what an descendant
// alone says.
//
// Most ALTERs of a column go through to every descendant and overwrite what that descendant said for itself, so:
//   the step that changes a column says again, in its own transaction, what its descendants keep         say_again
//   a step about an descendant waits until all that happens to the columns above it has happened        columns_above
// COMPRESSION doesn't go through, and is said of each descendant. Rejected: ALTER TABLE ONLY the parent (PostgreSQL refuses most
// of it for partitioned tables, and the descendants that say nothing would have to be altered one by one). Pure. Everything is
// looked for by the tables' own attributes and pg_depend's edges.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "recipes/context.h"

namespace lockstep::recipes {

// Tables this one is a partition of, or inherits from, in order.
std::vector<ObjectId> parents_of(const Catalog& catalog, const ObjectId& table);
// {schema, table, name} of every column that comes from this one; those of a table before those of its own descendants.
std::vector<ObjectId> descendants(const Catalog& catalog, const ObjectId& column);
// The columns this one comes from, at every level, each with its default and what an descendant says of it: what a step about
// this one has to come after.
std::vector<ObjectId> columns_above(const Catalog& catalog, const ObjectId& column);
// It comes from parents that the table no longer has: letting go of them leaves it there, as one of the table's own.
bool left_behind(const Context& context, const ObjectId& column);

// What holds for a column, whoever says it. Absent: PostgreSQL's default.
struct ColumnState {
  std::string value;  // its default
  bool not_null = false;
  std::string storage, compression;
  std::optional<std::int64_t> statistics;
  catalog::List options;
};
ColumnState state_of(const Catalog& catalog, const ObjectId& column);
// Names of the attributes ("default", "not_null" …) in which the two differ.
std::set<std::string_view> differences(const ColumnState& a, const ColumnState& b);

// Brings these attributes of subject's column to what the desired catalog says. `title`: "… of shop.orders_2026.status" follows
// the names of what is said: "set default, storage". NOT NULL on rows goes by not_null.h.
plan::Steps say(const Object& subject, const std::set<std::string_view>& what, const std::string& title, const Context& context);

// Statements to follow one that has just changed `attribute` (default, storage, statistics) of a column: what each descendant
// said before and keeps. `retyped`: only what is said in the same words afterwards, for other words may need the new type.
std::vector<std::string> say_again(const ObjectId& column, std::string_view attribute, const Context& context,
                                   bool retyped = false);
// Whether one of its descendants has a default of its own.
bool heirs_have_defaults(const ObjectId& column, const Context& context);
// For an attribute that doesn't go through.
std::vector<std::string> set_compression_of_descendants(const ObjectId& column, const Context& context);

}  // namespace lockstep::recipes
