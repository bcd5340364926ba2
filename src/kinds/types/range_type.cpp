// Range types. Only owner and name can be altered.
#include "catalog/keys.h"
#include "kinds/kinds_list.h"
#include "kinds/printing/introspect_sql.h"
#include "support/sql_text.h"

namespace lockstep::kinds {
namespace range_type {
namespace {

constexpr Attr<std::string> kOpclass{"subtype_opclass"}, kCanonical{"canonical"}, kDiff{"subtype_diff"};

constexpr AttrSpec kAttributes[] = {
    {.name = keys::kSubtype.name, .expression = true},
    {.name = kOpclass.name},
    {.name = keys::kCollation.name},
    {.name = kCanonical.name},
    {.name = kDiff.name},
    {.name = keys::kMultirange.name},
    kOwnerAttribute,
};

// As in makeMultirangeTypeName(): "range" in the name is replaced by "multirange", else "_multirange" is appended.
std::string introspect(int) {
  return "SELECT 'pg_type'::regclass::oid, t.oid, 0, 'pg_namespace'::regclass::oid, n.oid, 0, t.typname::text, NULL::text,"
         " format_type(r.rngsubtype, NULL) AS subtype,"
         " (SELECT quote_ident(pn.nspname) || '.' || quote_ident(p.opcname) FROM pg_opclass p JOIN pg_namespace pn ON pn.oid = "
         "p.opcnamespace"
         "  WHERE p.oid = r.rngsubopc AND NOT p.opcdefault) AS subtype_opclass,"
         " CASE WHEN r.rngcollation <> s.typcollation THEN (SELECT quote_ident(cn.nspname) || '.' || quote_ident(c.collname)"
         "  FROM pg_collation c JOIN pg_namespace cn ON cn.oid = c.collnamespace WHERE c.oid = r.rngcollation) END AS collation,"
         " nullif(r.rngcanonical::oid, 0)::regproc::text AS canonical, nullif(r.rngsubdiff::oid, 0)::regproc::text AS "
         "subtype_diff,"
         " CASE WHEN m.typnamespace <> t.typnamespace OR m.typname::text <> left(CASE WHEN strpos(t.typname, 'range') > 0"
         "   THEN overlay(t.typname::text PLACING 'multirange' FROM strpos(t.typname, 'range') FOR 5)"
         "   ELSE t.typname || '_multirange' END, 63)"
         "  THEN quote_ident(mn.nspname) || '.' || quote_ident(m.typname) END AS multirange,"
         " pg_get_userbyid(t.typowner)::text AS owner"
         " FROM pg_range r JOIN pg_type t ON t.oid = r.rngtypid JOIN pg_namespace n ON n.oid = t.typnamespace"
         " JOIN pg_type s ON s.oid = r.rngsubtype JOIN pg_type m ON m.oid = r.rngmultitypid"
         " JOIN pg_namespace mn ON mn.oid = m.typnamespace WHERE " +
         user_schema("n");
}

std::string address(const ObjectId& id) {
  return support::qualified(id.path[0], id.path[1]);
}

std::string definition(const Object& object) {
  std::vector<std::string> parts;
  const auto part = [&](Attr<std::string> key, std::string_view word) {
    if (object.has(key)) parts.push_back(std::string(word) + " = " + object.get(key));
  };
  part(keys::kSubtype, "subtype");
  part(kOpclass, "subtype_opclass");
  part(keys::kCollation, "collation");
  part(kCanonical, "canonical");
  part(kDiff, "subtype_diff");
  part(keys::kMultirange, "multirange_type_name");
  return "(" + support::join(parts, ", ") + ")";
}

Steps create(const Object& object, const Context&) {
  return {recipes::step_for(object, "create " + catalog::to_string(object.id),
                            {"CREATE TYPE " + address(object.id) + " AS RANGE " + definition(object)})};
}

std::string declare(const Object& object, const Catalog&) {
  return "range " + support::quote_identifier(object.id.path[1]) + " " + definition(object);
}

Steps rename(const ObjectId& from, const ObjectId& to, const Context&) {
  return rename_steps(from, to, alter(kRange, from) + " RENAME TO " + support::quote_identifier(to.path[1]));
}

}  // namespace
}  // namespace range_type

constinit const KindSpec kRange{
    .tag = {"range"},
    .keyword = "TYPE",
    .introspect = range_type::introspect,
    .attributes = range_type::kAttributes,
    .create = range_type::create,
    .address = range_type::address,
    .declare = range_type::declare,
    .rename = range_type::rename,
    .grant_keyword = "TYPE",
    .joins_clauses = false,
};

}  // namespace lockstep::kinds
