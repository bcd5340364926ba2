// A column's descendants: the columns that partitions and inheritance children inherit from it, and what a descendant declares
// for itself.
//
// Most ALTERs of a column recurse to every descendant and overwrite what that descendant declares for itself. Therefore:
//   the step that changes a column sets the descendants' own settings again, in the same transaction    say_again
//   a step about a descendant waits for all changes of the columns that it inherits from               columns_above
// SET COMPRESSION doesn't recurse, so it is set on each descendant. Rejected alternative: ALTER TABLE ONLY the parent.
// PostgreSQL refuses most of that for partitioned tables, and the descendants without own settings would need an ALTER each.
// Pure. Everything is found through the tables' own attributes and the edges from pg_depend.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "recipes/context.h"

namespace lockstep::recipes {

// The tables that this one is a partition of or inherits from, in order.
std::vector<ObjectId> parents_of(const Catalog& catalog, const ObjectId& table);
// The tables below this one, at every level; parents before children.
std::vector<ObjectId> tables_below(const Catalog& catalog, const ObjectId& table);
// {schema, table, name} of every column that inherits from this one, at every level; parents before children.
std::vector<ObjectId> descendants(const Catalog& catalog, const ObjectId& column);
// The columns that this one inherits from, at every level, each with its default and its `override`. A step about this column
// has to run after steps about those.
std::vector<ObjectId> columns_above(const Catalog& catalog, const ObjectId& column);
// Whether the column was inherited from parents that the table no longer has. When the table leaves them, it keeps the column
// as its own.
bool left_behind(const Context& context, const ObjectId& column);

// The effective settings of a column, no matter where they are declared. Absent: PostgreSQL's default.
struct ColumnState {
  std::string value;  // its default
  bool not_null = false;
  std::string storage, compression;
  std::optional<std::int64_t> statistics;
  catalog::List options;
};
ColumnState state_of(const Catalog& catalog, const ObjectId& column);
// The names of the attributes ("default", "not_null" …) that differ.
std::set<std::string_view> differences(const ColumnState& a, const ColumnState& b);

// Steps that set these attributes of subject's column to their desired state. `title`: "… of shop.orders_2026.status", which is
// appended to the list of attributes ("set default, storage"). NOT NULL on a table with rows uses not_null.h.
plan::Steps say(const Object& subject, const std::set<std::string_view>& what, const std::string& title, const Context& context);

// Statements to run after one that changed `attribute` (default, storage, statistics) of a column: they restore what each
// descendant declared for itself before and keeps. `retyped`: only settings whose text is unchanged, since a new text may need
// the new type.
std::vector<std::string> say_again(const ObjectId& column, std::string_view attribute, const Context& context,
                                   bool retyped = false);
// Whether one of the column's descendants has a default of its own.
bool descendants_have_defaults(const ObjectId& column, const Context& context);
// For COMPRESSION, which doesn't recurse.
std::vector<std::string> set_compression_of_descendants(const ObjectId& column, const Context& context);

}  // namespace lockstep::recipes
