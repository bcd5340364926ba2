#include "kinds/columns/retype_limits.h"

#include <algorithm>
#include <cctype>
#include <string_view>

#include "catalog/keys.h"
#include "kinds/columns/stored_values.h"
#include "kinds/kinds_list.h"
#include "kinds/recreation/recreated.h"
#include "recipes/relation.h"
#include "support/error.h"
#include "support/sql_text.h"

namespace lockstep::kinds {
namespace {

bool in_name(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '$' || (static_cast<unsigned char>(c) & 0x80U) != 0;
}

// Whether the partition key, as PostgreSQL prints it ("RANGE (at, lower(name))"), contains the column: its name occurs there
// other than as a function or type.
bool is_in_key(const std::string& partition_by, const std::string& column) {
  const std::string name = support::quote_identifier(column);
  for (std::size_t at = partition_by.find(name); at != std::string::npos; at = partition_by.find(name, at + 1)) {
    const std::size_t end = at + name.size();
    const char before = at == 0 ? ' ' : partition_by[at - 1], after = end < partition_by.size() ? partition_by[end] : ' ';
    const bool whole = !in_name(before) && before != '"' && before != '\'' && !in_name(after) && after != '"' && after != '\'';
    const bool collation = partition_by.substr(0, at).ends_with("COLLATE ");
    if (whole && !collation && before != '.' && before != ':' && after != '(' && after != '.') return true;
  }
  return false;
}

void refuse_key(const ObjectId& column, const Catalog& from) {
  const Object* table = from.find(recipes::relation_of(column));
  if (table == nullptr || !is_in_key(table->get(keys::kPartitionBy), column.path[2])) return;
  throw support::RefusedError(
      catalog::to_string(column) + " can't get another type: " + catalog::to_string(table->id) + " is partitioned by it, " +
      table->get(keys::kPartitionBy) +
      ", and PostgreSQL retypes no column of a partition key.\nNothing was changed. Make a new partitioned "
      "table beside it, move the rows, and drop the old one in a later apply.");
}

void refuse_row_type(const ObjectId& column, const Catalog& from, const Catalog& to) {
  const ObjectId table = recipes::relation_of(column);
  for (const StoredIn& place : stored_in(table, from)) {
    const Object* after = to.find(place.column->id);
    if (after == nullptr || after->get(keys::kType) != place.column->get(keys::kType)) continue;
    throw support::RefusedError(
        catalog::to_string(column) + " can't be rewritten: " + catalog::to_string(place.column->id) + " of type " +
        place.column->get(keys::kType) + " holds rows of " + catalog::to_string(table) +
        ", and PostgreSQL rewrites no column of a table whose row type is stored.\nNothing was changed. Give " +
        catalog::to_string(place.column->id) + " a composite type of its own, in an apply before.");
  }
}

}  // namespace

void refuse_to_retype(const std::vector<ObjectId>& columns, const Catalog& from, const Catalog& to) {
  for (const ObjectId& column : columns) {
    if (!column.is(kColumn.tag) || !from.contains(column)) continue;
    for (const ObjectId& along : retyped_along(column, from)) {
      refuse_key(along, from);
      refuse_row_type(along, from, to);
    }
  }
}

void refuse_under_typed_tables(const ObjectId& type, const Catalog& from, const Catalog& to) {
  const auto index = type.is(kComposite.tag) ? from.index_of(type) : std::nullopt;
  if (!index) return;
  for (const auto& edge : from.edges_to(*index)) {
    const Object& table = from.at(edge.dependent);
    const Object* after = to.find(table.id);
    if (!table.id.is(kTable.tag) || !table.has(keys::kOfType) || after == nullptr) continue;
    constexpr std::string_view kByHand = "CASCADE by hand";
    throw support::RefusedError(
        "the attributes of " + catalog::to_string(type) + " can't change: " + catalog::to_string(table.id) +
        " is a table OF that type, and PostgreSQL changes it only together with such tables.\nNothing was "
        "changed. Either run ALTER TYPE " +
        support::qualified(type.path) + " … " + std::string(kByHand) +
        ", which changes the table too, and plan again; or give the table columns of its own first: ALTER "
        "TABLE " +
        support::qualified(table.id.path) + " NOT OF by hand, and declare its columns.");
  }
}

void refuse_under_typed_tables(const Change& change, const Catalog& from, const Catalog& to) {
  if (change.id.is(kAttribute.tag)) {
    const Catalog& side = change.what == Change::What::removed ? from : to;
    const ObjectId composite = *side.find(change.id)->parent;
    if (to.contains(composite)) refuse_under_typed_tables(composite, from, to);
  }
  const bool set = change.id.is(kComposite.tag) && change.what == Change::What::set;
  const bool order = set && std::any_of(change.attributes.begin(), change.attributes.end(),
                                        [](const auto& item) { return item.attribute == keys::kAttributeOrder.name; });
  if (order) refuse_under_typed_tables(change.id, from, to);
}

}  // namespace lockstep::kinds
