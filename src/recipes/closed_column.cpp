#include "recipes/closed_column.h"

#include "catalog/keys.h"
#include "recipes/null_test.h"
#include "recipes/relation.h"
#include "support/sql_text.h"

namespace lockstep::recipes {

std::vector<std::string> close_to_writers(const Object& column, const std::string& helper, const std::string& hidden,
                                          const std::string& message) {
  const std::string table = relation_name(column.id), function = "lockstep." + helper;
  const std::string next = "NEW." + support::quote_identifier(hidden), old = "OLD." + support::quote_identifier(hidden);
  const std::string told = "column " + support::qualified(column.id.path) + " " + message;
  const auto trigger = [&](const std::string& suffix, const std::string& event, const std::string& condition) {
    return "CREATE TRIGGER " + helper + suffix + " BEFORE " + event + " ON " + table + " FOR EACH ROW WHEN (" + condition +
           ") EXECUTE FUNCTION " + function + "()";
  };
  return {"CREATE FUNCTION " + function + "() RETURNS trigger LANGUAGE plpgsql SET search_path = '' AS " +
              support::dollar_quote("BEGIN RAISE EXCEPTION USING MESSAGE = " + support::quote_literal(told) + "; END"),
          trigger("_i", "INSERT", is_not_null(next, column.get(keys::kType))),
          trigger("_u", "UPDATE", next + "::pg_catalog.text IS DISTINCT FROM " + old + "::pg_catalog.text"),
          "ALTER TABLE " + table + " ENABLE ALWAYS TRIGGER " + helper + "_i, ENABLE ALWAYS TRIGGER " + helper + "_u"};
}

std::vector<std::string> open_to_writers(const std::string& table, const std::string& helper) {
  return {"DROP TRIGGER IF EXISTS " + helper + "_i ON " + table, "DROP TRIGGER IF EXISTS " + helper + "_u ON " + table,
          "DROP FUNCTION IF EXISTS lockstep." + helper + "()"};
}

}  // namespace lockstep::recipes
