// Casts. They have no names: the path is "(source AS target)", which is also how SQL addresses them; a declared one may have
// any name. Definition: "(source AS target) WITH FUNCTION f(source) AS ASSIGNMENT".
#include "catalog/keys.h"
#include "kinds/kinds_list.h"
#include "support/sql_text.h"

namespace lockstep::kinds {
namespace cast {
namespace {

constexpr AttrSpec kAttributes[] = {{.name = keys::kDefinition.name, .expression = true}};

// OIDs below 16384 are PostgreSQL's own; a range type creates the cast to its multirange.
std::string introspect(int) {
  return "SELECT 'pg_cast'::regclass::oid, c.oid, 0, NULL::oid, NULL::oid, NULL::int, c.address, NULL::text,"
         " c.address || CASE c.castmethod WHEN 'i' THEN ' WITH INOUT' WHEN 'b' THEN ' WITHOUT FUNCTION'"
         "  ELSE ' WITH FUNCTION ' || c.castfunc::regprocedure::text END"
         " || CASE c.castcontext WHEN 'a' THEN ' AS ASSIGNMENT' WHEN 'i' THEN ' AS IMPLICIT' ELSE '' END AS definition"
         " FROM (SELECT c.*, '(' || format_type(c.castsource, NULL) || ' AS ' || format_type(c.casttarget, NULL) || ')' AS "
         "address"
         "  FROM pg_cast c WHERE c.oid >= 16384 AND NOT EXISTS (SELECT FROM pg_depend d"
         "   WHERE d.classid = 'pg_cast'::regclass AND d.objid = c.oid AND d.deptype = 'i')) c";
}

std::string address(const ObjectId& id) {
  return id.path[0];
}

Steps create(const Object& object, const Context&) {
  return {recipes::step_for(object, "create " + catalog::to_string(object.id), {"CREATE CAST " + object.get(keys::kDefinition)})};
}

std::string declare(const Object& object, const Catalog&) {
  return "cast " + object.get(keys::kDefinition);
}

}  // namespace
}  // namespace cast

constinit const KindSpec kCast{
    .tag = {"cast"},
    .keyword = "CAST",
    .introspect = cast::introspect,
    .attributes = cast::kAttributes,
    .create = cast::create,
    .address = cast::address,
    .declare = cast::declare,
    .placement = Placement::database,
    .used_without_privilege = true,
    .reaches_unnamed = true,
};

}  // namespace lockstep::kinds
