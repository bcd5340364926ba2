// ALTER DEFAULT PRIVILEGES: the grants of a role's future objects. They have no names: an object is the grants of one statement
// to one grantee, and its path, "shop_owner: TABLES IN SCHEMA shop TO app", is for people. A declared one may have any name.
// Definition: "FOR ROLE shop_owner IN SCHEMA shop GRANT SELECT ON TABLES TO app", or REVOKE … FROM for a built-in default that
// was revoked. Changing or dropping one runs the reverse statement, which the query returns too.
#include "catalog/keys.h"
#include "kinds/kinds_list.h"
#include "kinds/printing/introspect_sql.h"
#include "support/sql_text.h"

namespace lockstep::kinds {
namespace default_privileges {
namespace {

constexpr Attr<std::string> kInSchema{"in_schema"};
constexpr std::string_view kStatement = "ALTER DEFAULT PRIVILEGES ";

std::string say(const std::string& definition) {
  return std::string(kStatement) + definition;
}

Steps change(const Change&, const Object& from, const Object& to, const Context&) {
  return {recipes::step_for(to, "alter " + catalog::to_string(to.id),
                            {say(from.get(keys::kReverse)), say(to.get(keys::kDefinition))})};
}

constexpr AttrSpec kAttributes[] = {
    {.name = keys::kDefinition.name, .expression = true, .recipe = change},
    {.name = keys::kReverse.name, .derived = true},
    {.name = kInSchema.name, .derived = true},
    {.name = keys::kRoles.name, .type = ValueType::list, .derived = true},
};

// Compared with the built-in defaults (acldefault()); those for a schema only add to them.
std::string introspect(int) {
  return R"sql(
WITH acl AS (
  SELECT quote_ident(pg_get_userbyid(d.defaclrole)) AS role, pg_get_userbyid(d.defaclrole)::text AS name,
    n.nspname::text AS in_schema, d.defaclacl AS acl,
    CASE d.defaclobjtype WHEN 'r' THEN 'TABLES' WHEN 'S' THEN 'SEQUENCES' WHEN 'f' THEN 'FUNCTIONS' WHEN 'T' THEN 'TYPES'
      WHEN 'n' THEN 'SCHEMAS' ELSE 'LARGE OBJECTS' END AS what,
    CASE WHEN n.oid IS NULL
      THEN acldefault(CASE d.defaclobjtype WHEN 'S' THEN 's' ELSE d.defaclobjtype END::"char", d.defaclrole) END AS base
  FROM pg_default_acl d LEFT JOIN pg_namespace n ON n.oid = d.defaclnamespace
  WHERE n.oid IS NULL OR )sql" +
         user_schema("n") + R"sql(
), item AS (
  SELECT acl.*, e.grantee, e.privilege_type AS privilege, e.is_grantable AS grantable, true AS given
  FROM acl, aclexplode(acl.acl) e
  WHERE NOT EXISTS (SELECT FROM aclexplode(acl.base) b
    WHERE b.grantee = e.grantee AND b.privilege_type = e.privilege_type AND b.is_grantable = e.is_grantable)
  UNION ALL
  SELECT acl.*, b.grantee, b.privilege_type, false, false
  FROM acl, aclexplode(acl.base) b
  WHERE NOT EXISTS (SELECT FROM aclexplode(acl.acl) e WHERE e.grantee = b.grantee AND e.privilege_type = b.privilege_type)
), said AS (
  SELECT name, in_schema, what, given, CASE WHEN grantable THEN ' WITH GRANT OPTION' ELSE '' END AS option,
    CASE grantee WHEN 0 THEN 'PUBLIC' ELSE pg_get_userbyid(grantee)::text END AS grantee,
    CASE grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(grantee)) END AS grantee_sql,
    'FOR ROLE ' || role || coalesce(' IN SCHEMA ' || quote_ident(in_schema), '') AS scope,
    string_agg(privilege, ', ' ORDER BY privilege) || ' ON ' || what AS list
  FROM item GROUP BY name, role, in_schema, what, given, grantable, item.grantee
)
SELECT 0::oid, 0::oid, 0, NULL::oid, NULL::oid, NULL::int,
  name || ': ' || what || coalesce(' IN SCHEMA ' || in_schema, '') || CASE WHEN given THEN ' TO ' ELSE ' FROM ' END || grantee || option,
  NULL::text,
  CASE WHEN given THEN scope || ' GRANT ' || list || ' TO ' || grantee_sql || option
    ELSE scope || ' REVOKE ' || list || ' FROM ' || grantee_sql END AS definition,
  CASE WHEN given THEN scope || ' REVOKE ' || list || ' FROM ' || grantee_sql
    ELSE scope || ' GRANT ' || list || ' TO ' || grantee_sql END AS reverse,
  in_schema, array_remove(ARRAY[name, nullif(grantee, 'PUBLIC')], NULL) AS roles
FROM said)sql";
}

std::string address(const ObjectId& id) {
  return support::join(id.path, " ");
}

Steps create(const Object& object, const Context&) {
  return {recipes::step_for(object, "set " + catalog::to_string(object.id), {say(object.get(keys::kDefinition))})};
}

Steps drop(const Object& object, const Context&) {
  Step step;
  step.title = "reset " + catalog::to_string(object.id);
  step.sql = {say(object.get(keys::kReverse))};
  step.destroys = {object.id};
  return {std::move(step)};
}

std::string declare(const Object& object, const Catalog&) {
  return "default privileges " + object.get(keys::kDefinition);
}

std::vector<ObjectId> uses(const Object& object, const Catalog&) {
  if (!object.has(kInSchema)) return {};
  return {ObjectId{&kSchema.tag, {object.get(kInSchema)}}};
}

}  // namespace
}  // namespace default_privileges

constinit const KindSpec kDefaultPrivileges{
    .tag = {"default_privileges"},
    .keyword = "DEFAULT PRIVILEGES",
    .introspect = default_privileges::introspect,
    .attributes = default_privileges::kAttributes,
    .create = default_privileges::create,
    .drop = default_privileges::drop,
    .address = default_privileges::address,
    .declare = default_privileges::declare,
    .uses = default_privileges::uses,
    .placement = Placement::database,
    .made_by = Maker::member_of_role,
    .reaches_unnamed = true,
};

}  // namespace lockstep::kinds
