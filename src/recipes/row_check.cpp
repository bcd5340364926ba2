#include "recipes/row_check.h"

#include "catalog/keys.h"
#include "recipes/relation.h"
#include "support/sql_text.h"

namespace lockstep::recipes {

using support::quote_identifier;

std::string shown_by(const Catalog& catalog, const ObjectId& relation, const std::string& row) {
  std::vector<std::string> keys;
  for (const auto& key : key_columns(catalog, relation)) keys.push_back(row + "." + quote_identifier(key));
  const Object* table = catalog.find(relation);
  if (keys.empty() && table != nullptr && table->has(keys::kPartitionOf))  // its key is the parent's
    return shown_by(catalog, {relation.kind, table->get(keys::kPartitionOf)}, row);
  if (keys.empty()) return "pg_catalog.left(" + row + "::pg_catalog.text, 60)";
  if (keys.size() == 1) return keys.front() + "::pg_catalog.text";
  return "('(' || pg_catalog.concat_ws(', ', " + support::join(keys, ", ") + ") || ')')";
}

plan::DataCheck row_check(const ObjectId& relation, std::string rule, const std::string& condition, bool may_fail,
                          const Context& context) {
  const std::string table = support::qualified(relation.path);
  const std::string alias = quote_identifier(relation.path[1]);
  const std::string key = shown_by(context.from, relation, alias);
  const std::string where = " FROM " + table + " AS " + alias + " WHERE " + condition;
  plan::DataCheck check{std::move(rule), "SELECT pg_catalog.count(*)" + where, "SELECT " + key + where + " LIMIT 5"};
  if (may_fail) check.row_by_row = {relation.path[0], relation.path[1], condition, key};
  return check;
}

}  // namespace lockstep::recipes
