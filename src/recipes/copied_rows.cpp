#include "recipes/copied_rows.h"

#include "support/sql_text.h"

namespace lockstep::recipes {

std::string copy_rows(const std::string& table, const std::string& aside, const std::vector<std::string>& columns) {
  if (columns.empty()) return "INSERT INTO " + table + " SELECT FROM " + aside;  // rows without values
  const std::string list = support::identifier_list(columns);
  return "INSERT INTO " + table + " (" + list + ") OVERRIDING SYSTEM VALUE SELECT " + list + " FROM " + aside;
}

std::string compare_counts(const std::string& table, const std::string& aside) {
  const std::string lost = support::quote_literal("it has % rows, and its copy % rows: nothing was changed");
  return "DO " + support::dollar_quote("DECLARE old_rows bigint := (SELECT pg_catalog.count(*) FROM " + aside +
                                       "); new_rows bigint := (SELECT pg_catalog.count(*) FROM " + table +
                                       "); BEGIN IF old_rows <> new_rows THEN RAISE EXCEPTION " + lost +
                                       ", old_rows, new_rows USING TABLE = " + support::quote_literal(table) + "; END IF; END");
}

}  // namespace lockstep::recipes
