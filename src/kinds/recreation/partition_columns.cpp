#include "kinds/recreation/partition_columns.h"

#include <algorithm>

#include "catalog/keys.h"
#include "kinds/kinds_list.h"
#include "kinds/recreation/mirror_limits.h"
#include "kinds/recreation/same.h"
#include "kinds/registry.h"
#include "recipes/column_settings.h"
#include "recipes/descendants.h"
#include "recipes/relation.h"
#include "support/sql_text.h"

namespace lockstep::kinds {
namespace {

std::string alter_column(const ObjectId& column, const std::string& name) {
  return "ALTER TABLE " + recipes::relation_name(column) + " ALTER COLUMN " + support::quote_identifier(name) + " ";
}

const Object* override_of(const ObjectId& column, const Catalog& catalog) {
  return catalog.find({&kOverride.tag, column.path});
}

}  // namespace

std::vector<ObjectId> with_partitions(const ObjectId& table, const Catalog& catalog) {
  std::vector<ObjectId> tables{table};
  for (std::size_t next = 0; next < tables.size(); ++next) {
    for (ObjectId& part : recipes::partitions(catalog, ObjectId(tables[next]))) tables.push_back(std::move(part));
  }
  return tables;
}

std::vector<plan::RelationLock> locks_of_all(const ObjectId& table, plan::LockMode mode, const Context& context) {
  std::vector<plan::RelationLock> locks;
  for (const ObjectId& id : with_partitions(table, context.from)) locks.push_back({support::qualified(id.path), mode});
  return locks;
}

std::string no_successors_below(const ObjectId& table, const Context& context) {
  const auto before = with_partitions(table, context.from);
  if (before != with_partitions(table, context.to)) return "partitions of " + catalog::to_string(table) + " come or go";
  for (const ObjectId& id : before) {
    if (context.is_new(id)) return catalog::to_string(id) + " is created anew";
    for (const Catalog* side : {&context.from, &context.to}) {
      for (const auto& edge : side->edges_to(*side->index_of(id))) {
        const ObjectId& other = side->at(edge.dependent).id;
        if (other.is(kForeignTable.tag)) return catalog::to_string(other) + " is a partition of it";
      }
    }
    if (id == table) continue;
    if (std::string why = no_mirror_on(id, context); !why.empty()) return why;
  }
  return {};
}

std::string no_successor_below(const ObjectId& column, const Context& context) {
  for (const ObjectId& below : recipes::descendants(context.from, column)) {
    const Object *before = override_of(below, context.from), *after = override_of(below, context.to);
    const bool stays =
        before == nullptr ? after == nullptr : after != nullptr && !context.is_new(after->id) && same(*before, *after);
    if (!stays) return "what " + catalog::to_string(below) + " says for itself changes too";
    if (std::string why = other_satellites(below, context); !why.empty()) return why;
  }
  return {};
}

std::vector<std::string> settings_below(const ObjectId& column, const std::string& successor, const Context& context) {
  std::vector<std::string> sql;
  for (const ObjectId& below : recipes::descendants(context.from, column)) {
    const Object* stated = override_of(below, context.to);
    if (stated == nullptr) continue;
    const std::string alter = alter_column(below, successor);
    const auto& storage = stated->get(keys::kStorage);
    if (!storage.empty()) sql.push_back(alter + recipes::storage_clause({}, storage, context.server_version));
    if (stated->has(keys::kCompression)) sql.push_back(alter + recipes::compression_clause(stated->get(keys::kCompression)));
    if (stated->has(keys::kStatistics)) sql.push_back(alter + recipes::statistics_clause(stated->get(keys::kStatistics)));
    for (const auto& clause : recipes::option_clauses({}, stated->get(keys::kOptions))) sql.push_back(alter + clause);
  }
  return sql;
}

std::vector<ObjectId> required_below(const ObjectId& column, const Context& context) {
  std::vector<ObjectId> columns;
  for (ObjectId& below : recipes::descendants(context.from, column)) {
    const Object* stated = override_of(below, context.from);
    if (stated != nullptr && stated->get(keys::kNotNull)) columns.push_back(std::move(below));
  }
  return columns;
}

std::vector<std::string> said_below(const ObjectId& column, const Context& context) {
  std::vector<std::string> sql;
  for (const ObjectId& below : recipes::descendants(context.to, column)) {
    for (const auto child : context.to.children(*context.to.index_of(below))) {
      const Object& satellite = context.to.at(child);
      if (!of(satellite.id).is_satellite()) continue;
      for (const Step& said : of(satellite.id).create(satellite, context))
        sql.insert(sql.end(), said.sql.begin(), said.sql.end());
    }
  }
  return sql;
}

}  // namespace lockstep::kinds
