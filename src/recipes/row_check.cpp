#include "recipes/row_check.h"

#include "recipes/relation.h"
#include "support/sql_text.h"

namespace lockstep::recipes {
namespace {

using support::quote_identifier;

// What a row is shown by: its key, else its whole text.
std::string shown_by(const Catalog& catalog, const ObjectId& relation, const std::string& row) {
  std::vector<std::string> keys;
  for (const auto& key : key_columns(catalog, relation)) keys.push_back(row + "." + quote_identifier(key));
  if (keys.empty()) return "pg_catalog.left(" + row + "::pg_catalog.text, 60)";
  if (keys.size() == 1) return keys.front() + "::pg_catalog.text";
  return "pg_catalog.concat_ws(', ', " + support::join(keys, ", ") + ")";
}

// Errors that a value causes: of its data, of a constraint of a domain, or raised by a function. Any other error is not the
// row's, and ends the question.
constexpr std::string_view kErrorsOfValues = "data_exception OR integrity_constraint_violation OR raise_exception";

// Conditions name columns bare, or by the table's name: the row is given that name.
std::string one_by_one(const std::string& table, const std::string& alias, const std::string& condition, const std::string& key) {
  const std::string row = "(SELECT (lockstep_row).*) AS " + alias;
  return "DO " + support::dollar_quote(
                     "\n#variable_conflict use_column\n"
                     "DECLARE\n"
                     "  lockstep_row " +
                     table +
                     "%ROWTYPE;\n"
                     "  lockstep_rows pg_catalog.int8 := 0;\n"
                     "  lockstep_keys pg_catalog.text[] := '{}';\n"
                     "  lockstep_key pg_catalog.text;\n"
                     "  lockstep_breaks pg_catalog.bool;\n"
                     "BEGIN\n"
                     "  FOR lockstep_row IN SELECT * FROM " +
                     table +
                     " LOOP\n"
                     "    BEGIN\n"
                     "      SELECT " +
                     condition + " INTO lockstep_breaks FROM " + row +
                     ";\n"
                     "    EXCEPTION WHEN " +
                     std::string(kErrorsOfValues) +
                     " THEN\n"
                     "      lockstep_breaks := true;\n"
                     "    END;\n"
                     "    IF lockstep_breaks THEN\n"
                     "      lockstep_rows := lockstep_rows + 1;\n"
                     "      IF lockstep_rows <= 5 THEN\n"
                     "        SELECT " +
                     key + " INTO lockstep_key FROM " + row +
                     ";\n"
                     "        lockstep_keys := lockstep_keys || lockstep_key;\n"
                     "      END IF;\n"
                     "    END IF;\n"
                     "  END LOOP;\n"
                     "  PERFORM pg_catalog.set_config('lockstep.rows', lockstep_rows::pg_catalog.text, true),\n"
                     "    pg_catalog.set_config('lockstep.keys', pg_catalog.to_json(lockstep_keys)::pg_catalog.text, true);\n"
                     "END");
}

}  // namespace

plan::DataCheck row_check(const ObjectId& relation, std::string rule, const std::string& condition, bool may_fail,
                          const Context& context) {
  const std::string table = support::qualified(relation.path);
  const std::string alias = quote_identifier(relation.path[1]);
  const std::string key = shown_by(context.from, relation, alias);
  const std::string where = " FROM " + table + " AS " + alias + " WHERE " + condition;
  return {std::move(rule), "SELECT pg_catalog.count(*)" + where,
          may_fail ? one_by_one(table, alias, condition, key) : "SELECT " + key + where + " LIMIT 5"};
}

}  // namespace lockstep::recipes
