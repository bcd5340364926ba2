#include "kinds/recreation/column_exchange.h"

#include "catalog/keys.h"
#include "kinds/constraints/constraint_text.h"
#include "kinds/kinds_list.h"
#include "kinds/recreation/partition_columns.h"
#include "kinds/recreation/two_forms.h"
#include "kinds/registry.h"
#include "recipes/descendants.h"
#include "recipes/identity.h"
#include "recipes/relation.h"
#include "recipes/successor.h"
#include "support/sql_text.h"

namespace lockstep::kinds {

using recipes::relation_name;
using recipes::Succession;
using support::qualified;
using support::quote_identifier;

namespace {

std::string alter(const ObjectId& part) {
  return "ALTER TABLE " + relation_name(part) + " ";
}

}  // namespace

// Foreign keys first: they lean on the keys.
void ColumnExchange::drop_old(const Succession& succession, std::vector<std::string>& sql) const {
  for (auto dependent = succession.dependents.rbegin(); dependent != succession.dependents.rend(); ++dependent) {
    const ObjectId& id = dependent->id;
    sql.push_back(id.is(kIndex.tag) ? "DROP INDEX " + qualified(id.path.front(), id.path.back())
                                    : alter(id) + "DROP CONSTRAINT " + quote_identifier(id.path.back()));
  }
}

// Of the successor's constraint, until it takes the name that the column's had; empty: before 18 it has none.
std::string ColumnExchange::name_of_not_null(const Succession::Column& column) const {
  if (!before(column, context_).has(keys::kNotNullName)) return {};
  return recipes::transitional_name(context_, column.id.path[0], column.id.path[2] + "_required");
}

void ColumnExchange::names(const Succession::Column& column, std::vector<std::string>& sql) const {
  const std::string table = alter(column.id), name = quote_identifier(column.id.path[2]);
  const Object *value = context_.from.find({&kDefault.tag, column.id.path}),
               *wanted = context_.to.find({&kDefault.tag, column.id.path});
  if (value != nullptr || recipes::descendants_have_defaults(column.id, context_))
    sql.push_back(table + "ALTER COLUMN " + name + " DROP DEFAULT");
  const bool identity = before(column, context_).has(keys::kIdentity);
  const std::string sequence = recipes::identity_numbers(before(column, context_)).sequence;
  const std::string aside = recipes::transitional_name(context_, column.id.path[0], "old_" + column.id.path[2] + "_seq");
  if (identity) sql.push_back("ALTER SEQUENCE " + sequence + " RENAME TO " + quote_identifier(aside));
  sql.push_back(table + "RENAME COLUMN " + name + " TO " + quote_identifier(column.former));
  sql.push_back(table + "RENAME COLUMN " + quote_identifier(column.successor) + " TO " + name);
  if (wanted != nullptr && !context_.is_new(wanted->id))
    sql.push_back(table + "ALTER COLUMN " + name + " SET DEFAULT " + wanted->get(keys::kExpression));
  for (auto& statement : recipes::say_again(column.id, keys::kDefault.name, context_, true)) sql.push_back(std::move(statement));
  if (identity) {
    Object without = after(column, context_);
    without.set(keys::kIdentity.name, {});
    without.set(keys::kIdentityOptions.name, {});
    for (auto& statement : recipes::identity_statements(without, after(column, context_), table + "ALTER COLUMN " + name + " "))
      sql.push_back(std::move(statement));
    const std::string numbers = recipes::identity_numbers(after(column, context_)).sequence;
    sql.push_back("SELECT pg_catalog.setval(" + support::quote_literal(numbers) + ", last_value, is_called) FROM " +
                  qualified(column.id.path[0], aside));
    sql.push_back(table + "ALTER COLUMN " + quote_identifier(column.former) + " DROP IDENTITY");
  }
  for (const auto& edge : context_.from.edges_to(*context_.from.index_of(column.id))) {
    const Object& owned = context_.from.at(edge.dependent);
    if (owned.id.is(kSequence.tag) && owned.has(keys::kOwnedBy))
      sql.push_back("ALTER SEQUENCE " + qualified(owned.id.path) + " OWNED BY " + relation_name(column.id) + "." + name);
  }
  for (const auto child : context_.to.children(*context_.to.index_of(column.id))) {
    const Object& satellite = context_.to.at(child);
    if (!of(satellite.id).is_satellite()) continue;
    for (const Step& said : of(satellite.id).create(satellite, context_)) sql.insert(sql.end(), said.sql.begin(), said.sql.end());
  }
  for (auto& statement : said_below(column.id, context_)) sql.push_back(std::move(statement));
}

// The comment, CLUSTER ON and replica identity of an index or key, which has its own name again.
void ColumnExchange::restore(const ObjectId& id, std::vector<std::string>& sql) const {
  const Object &from = *context_.from.find(id), &to = *context_.to.find(id);
  if (id.is(kForeignKey.tag)) {
    for (const auto child : context_.from.children(*context_.from.index_of(id))) {
      const Object& satellite = context_.from.at(child);
      if (!of(satellite.id).is_satellite() || !context_.to.contains(satellite.id)) continue;
      for (const Step& said : of(satellite.id).create(satellite, context_))
        sql.insert(sql.end(), said.sql.begin(), said.sql.end());
    }
    return;
  }
  const std::string named =
      id.is(kIndex.tag) ? "INDEX " + qualified(id.path.front(), id.path.back()) : "CONSTRAINT " + constraint_address(id);
  for (auto& statement : recipes::said_again(from, to, named, context_)) sql.push_back(std::move(statement));
  if (to.get(keys::kClustered)) sql.push_back(alter(id) + "CLUSTER ON " + quote_identifier(id.path.back()));
}

}  // namespace lockstep::kinds
