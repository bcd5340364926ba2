// Collations. Definition: "(provider = icu, locale = 'de', deterministic = false)"; nothing in it can be altered.
#include "catalog/keys.h"
#include "kinds/kinds_list.h"
#include "kinds/printing/introspect_sql.h"
#include "support/sql_text.h"

namespace lockstep::kinds {
namespace collation {
namespace {

constexpr AttrSpec kAttributes[] = {{.name = keys::kDefinition.name, .expression = true}, kOwnerAttribute};

// The column with the locale of a provider other than libc was moved in two versions.
std::string introspect(int server_version) {
  const std::string locale = server_version >= 170000   ? "c.colllocale"
                             : server_version >= 150000 ? "c.colliculocale"
                                                        : "NULL::text";
  const std::string rules = server_version >= 160000 ? "c.collicurules" : "NULL::text";
  return "SELECT 'pg_collation'::regclass::oid, c.oid, 0, 'pg_namespace'::regclass::oid, n.oid, 0, c.collname::text, NULL::text,"
         " '(' || concat_ws(', ', 'provider = ' || CASE c.collprovider WHEN 'i' THEN 'icu' WHEN 'b' THEN 'builtin' ELSE 'libc' "
         "END,"
         " CASE WHEN c.locale IS NOT NULL THEN 'locale = ' || quote_literal(c.locale)"
         "  WHEN c.collcollate = c.collctype THEN 'locale = ' || quote_literal(c.collcollate)"
         "  ELSE 'lc_collate = ' || quote_literal(c.collcollate) || ', lc_ctype = ' || quote_literal(c.collctype) END,"
         " CASE WHEN NOT c.collisdeterministic THEN 'deterministic = false' END, 'rules = ' || quote_literal(c.rules)) || ')' AS "
         "definition,"
         " pg_get_userbyid(c.collowner)::text AS owner"
         " FROM (SELECT c.*, " +
         locale + " AS locale, " + rules +
         " AS rules FROM pg_collation c) c JOIN pg_namespace n ON n.oid = c.collnamespace"
         " WHERE c.collencoding IN (-1, (SELECT d.encoding FROM pg_database d WHERE d.datname = current_database())) AND " +
         user_schema("n");
}

std::string address(const ObjectId& id) {
  return support::qualified(id.path[0], id.path[1]);
}

Steps create(const Object& object, const Context&) {
  return {recipes::step_for(object, "create " + catalog::to_string(object.id),
                            {"CREATE COLLATION " + address(object.id) + " " + object.get(keys::kDefinition)})};
}

std::string declare(const Object& object, const Catalog&) {
  return "collation " + support::quote_identifier(object.id.path[1]) + " " + object.get(keys::kDefinition);
}

Steps rename(const ObjectId& from, const ObjectId& to, const Context&) {
  return rename_steps(from, to, alter(kCollation, from) + " RENAME TO " + support::quote_identifier(to.path[1]));
}

}  // namespace
}  // namespace collation

constinit const KindSpec kCollation{
    .tag = {"collation"},
    .keyword = "COLLATION",
    .introspect = collation::introspect,
    .attributes = collation::kAttributes,
    .create = collation::create,
    .address = collation::address,
    .declare = collation::declare,
    .rename = collation::rename,
    .joins_clauses = false,
    .used_without_privilege = true,
};

}  // namespace lockstep::kinds
