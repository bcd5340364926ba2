#include "postgres/row_versions.h"

#include <algorithm>

#include "support/sql.h"

namespace lockstep::postgres {
namespace {

using support::Sql;

constexpr std::string_view kShared = "shared ";

// Catalogs with data and statistics (which change all the time), or whose contents repeat other catalogs.
constexpr Sql kCatalogs = R"sql(
SELECT c.relname, n.nspname, c.relisshared OR n.nspname = 'lockstep',
  pg_catalog.has_schema_privilege(n.oid, 'USAGE') AND pg_catalog.has_table_privilege(c.oid, 'SELECT'),
  (SELECT a.attname FROM pg_catalog.pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0
     AND a.atttypid = 'pg_catalog.oid'::pg_catalog.regtype AND a.attname ~ '(namespace|relid|ev_class)$'
   ORDER BY a.attname ~ 'namespace$' DESC, a.attnum LIMIT 1)
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind = 'r' AND (n.nspname = 'pg_catalog' AND c.relname NOT IN ('pg_statistic', 'pg_statistic_ext_data',
    'pg_largeobject', 'pg_largeobject_metadata', 'pg_shdepend', 'pg_subscription_rel', 'pg_replication_origin')
  OR n.nspname = 'lockstep' AND c.relname IN ('applied', 'object'))
ORDER BY 1)sql";

// A row at the same place created by the same transaction is the same row. In-place updates by ANALYZE and VACUUM don't count.
constexpr Sql kVersion = "pg_catalog.hashtidextended(x.ctid, x.xmin::pg_catalog.text::pg_catalog.int8)";
constexpr Sql kContent = "pg_catalog.hashtextextended(x::pg_catalog.text, 0)";

// Temporary relations are created and dropped all the time.
constexpr Sql kTemporarySchemas = "(ARRAY(SELECT n.oid FROM pg_catalog.pg_namespace n WHERE n.nspname ~ '^pg_(toast_)?temp_'))";
constexpr Sql kTemporaryRelations = "(ARRAY(SELECT c.oid FROM pg_catalog.pg_class c WHERE c.relpersistence = 't'))";

// The public part of a catalog that only superusers may read completely.
Sql public_view(const std::string& catalog) {
  if (catalog == "pg_authid") return "pg_catalog.pg_roles";
  if (catalog == "pg_user_mapping") return "pg_catalog.pg_user_mappings";
  if (catalog == "pg_subscription") {
    return "(SELECT s.oid, s.subdbid, s.subname, s.subowner, s.subenabled FROM pg_catalog.pg_subscription s)";
  }
  return "";
}

Sql condition(const std::string& catalog, const std::string& column) {
  const auto none_of = [](const std::string& name, const Sql& oids) { return "x." + Sql::identifier(name) + " <> ALL " + oids; };
  if (catalog == "pg_namespace") return "x.nspname !~ '^pg_(toast_)?temp_'";
  if (catalog == "pg_database") return "x.datname = pg_catalog.current_database()";
  // Most dependencies are created with the row that they are about. These can change alone (ALTER EXTENSION … ADD, DEPENDS ON
  // EXTENSION, OWNED BY).
  if (catalog == "pg_depend") {
    return "(x.deptype IN ('e', 'x') OR x.deptype IN ('a', 'i') AND x.refobjsubid > 0 AND x.classid = x.refclassid AND " +
           none_of("objid", kTemporaryRelations) + ")";
  }
  if (column.empty()) return "";
  const bool schema = column.ends_with("namespace");
  // System columns are always the same.
  return (catalog == "pg_attribute" ? Sql("x.attnum > 0 AND ") : Sql("")) +
         none_of(column, schema ? kTemporarySchemas : kTemporaryRelations);
}

}  // namespace

RowVersions read_row_versions(Session& session) {
  RowVersions versions;
  Sql sql = "";
  const Result catalogs = session.execute(kCatalogs);
  for (std::size_t row = 0; row < catalogs.size(); ++row) {
    const std::string name = catalogs.text(row, 0);
    const std::string key = (catalogs.boolean(row, 2) ? std::string(kShared) : "") + name;
    const bool whole = catalogs.boolean(row, 3);
    const Sql source = whole ? Sql::identifier(catalogs.text(row, 1), name) : public_view(name);
    versions[key];
    if (source.empty()) continue;
    const Sql only = whole ? condition(name, catalogs.text(row, 4)) : Sql("");
    sql += (sql.empty() ? Sql("") : Sql(" UNION ALL ")) + "SELECT " + Sql::literal(key) +
           ", pg_catalog.count(*) || ':' || coalesce(pg_catalog.bit_xor(" + (whole ? kVersion : kContent) + "), 0) FROM " +
           source + " x" + (only.empty() ? Sql("") : " WHERE " + only);
  }
  const Result digests = session.execute(sql);
  for (std::size_t row = 0; row < digests.size(); ++row) versions[digests.text(row, 0)] = digests.text(row, 1);
  return versions;
}

std::string moved(const RowVersions& before, const RowVersions& after) {
  std::string catalogs;
  for (const auto& [catalog, digest] : before) {
    if (catalog.starts_with(kShared)) continue;
    const auto now = after.find(catalog);
    if (now != after.end() && now->second == digest) continue;
    catalogs += (catalogs.empty() ? "" : ", ") + catalog;
  }
  return catalogs;
}

bool complete(const RowVersions& versions) {
  return std::none_of(versions.begin(), versions.end(), [](const auto& item) { return item.second.empty(); });
}

}  // namespace lockstep::postgres
