#include "postgres/row_versions.h"

#include "kinds/introspect_sql.h"
#include "support/sql_text.h"

namespace lockstep::postgres {
namespace {

// A row at the same place made by the same transaction is the same row. ANALYZE and VACUUM update in place and don't count.
constexpr const char* kDigest =
    "pg_catalog.count(*) || ':' || coalesce(pg_catalog.bit_xor(pg_catalog.hashtidextended(x.ctid, "
    "x.xmin::pg_catalog.text::pg_catalog.int8)), 0)";

// Temporary and TOAST relations come and go all the time: only rows of schemas of people count, and rows below them. Of
// columns those of indexes and sequences say nothing that their relation's row doesn't.
std::string query() {
  const std::string schemas = "ANY (ARRAY(SELECT n.oid FROM pg_catalog.pg_namespace n WHERE " + kinds::user_schema("n") + "))";
  const std::string relations = "(SELECT c.oid FROM pg_catalog.pg_class c WHERE c.relnamespace = " + schemas;
  std::string sql;
  const char* separator = "";
  const auto add = [&](const std::string& catalog, const std::string& condition) {
    sql += separator + ("SELECT " + support::quote_literal(catalog)) + ", " + kDigest + " FROM pg_catalog." + catalog + " x" +
           (condition.empty() ? "" : " WHERE " + condition);
    separator = " UNION ALL ";
  };
  for (const auto& [catalog, column] : std::map<std::string, std::string>{{"pg_class", "relnamespace"},
                                                                          {"pg_constraint", "connamespace"},
                                                                          {"pg_proc", "pronamespace"},
                                                                          {"pg_type", "typnamespace"},
                                                                          {"pg_operator", "oprnamespace"},
                                                                          {"pg_opclass", "opcnamespace"},
                                                                          {"pg_collation", "collnamespace"},
                                                                          {"pg_statistic_ext", "stxnamespace"},
                                                                          {"pg_ts_config", "cfgnamespace"},
                                                                          {"pg_ts_dict", "dictnamespace"}}) {
    add(catalog, "x." + column + " = " + schemas);
  }
  for (const auto& [catalog, column] : std::map<std::string, std::string>{{"pg_attrdef", "adrelid"},
                                                                          {"pg_index", "indexrelid"},
                                                                          {"pg_trigger", "tgrelid"},
                                                                          {"pg_policy", "polrelid"},
                                                                          {"pg_rewrite", "ev_class"},
                                                                          {"pg_inherits", "inhrelid"},
                                                                          {"pg_partitioned_table", "partrelid"},
                                                                          {"pg_sequence", "seqrelid"},
                                                                          {"pg_foreign_table", "ftrelid"}}) {
    add(catalog, "x." + column + " IN " + relations + ")");
  }
  add("pg_attribute", "x.attnum > 0 AND x.attrelid IN " + relations + " AND c.relkind NOT IN ('i', 'I', 'S'))");
  add("pg_namespace", "x.oid = " + schemas);
  for (const char* catalog : {"pg_extension", "pg_event_trigger", "pg_publication", "pg_publication_rel", "pg_cast",
                              "pg_aggregate", "pg_range", "pg_enum", "pg_default_acl", "pg_foreign_server", "pg_am"}) {
    add(catalog, "");
  }
  return sql;
}

}  // namespace

RowVersions read_row_versions(Session& session) {
  const Result result = session.execute(query());
  RowVersions versions;
  for (std::size_t row = 0; row < result.size(); ++row) versions[result.text(row, 0)] = result.text(row, 1);
  return versions;
}

std::string moved(const RowVersions& before, const RowVersions& after) {
  std::string catalogs;
  for (const auto& [catalog, digest] : before) {
    const auto now = after.find(catalog);
    if (now != after.end() && now->second == digest) continue;
    catalogs += (catalogs.empty() ? "" : ", ") + catalog;
  }
  return catalogs;
}

}  // namespace lockstep::postgres
