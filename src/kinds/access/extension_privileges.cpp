// Privileges on objects of an extension (a function that PUBLIC may no longer call), as far as they differ from those that the
// extension's script granted. The objects belong to the extension; these privileges were set by people, and pg_dump keeps them.
//
// They have no names: an object is the grants on one member to one grantee, and its path is for people. A declared one may have
// any name. Definition: "REVOKE EXECUTE ON FUNCTION public.hstore(text, text) FROM PUBLIC". The superuser runs it on scratch,
// so the parser accepts only a single GRANT or REVOKE of privileges on objects. Privileges on single columns of a member are
// not read.
#include "catalog/keys.h"
#include "kinds/kinds_list.h"
#include "support/sql_text.h"

namespace lockstep::kinds {
namespace extension_privileges {
namespace {

std::string introspect(int) {
  return R"sql(
WITH member AS (
  SELECT e.extname, d.classid, d.objid FROM pg_depend d JOIN pg_extension e ON e.oid = d.refobjid
  WHERE d.refclassid = 'pg_extension'::regclass AND d.deptype = 'e' AND e.extname <> 'plpgsql'
), acl AS (
  SELECT m.*, p.proowner AS owner, 'f'::"char" AS type, p.proacl AS acl, CASE p.prokind WHEN 'p' THEN 'PROCEDURE' ELSE 'FUNCTION' END AS word
  FROM member m JOIN pg_proc p ON m.classid = 'pg_proc'::regclass AND p.oid = m.objid
  UNION ALL
  SELECT m.*, c.relowner, CASE c.relkind WHEN 'S' THEN 's' ELSE 'r' END::"char", c.relacl, CASE c.relkind WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END
  FROM member m JOIN pg_class c ON m.classid = 'pg_class'::regclass AND c.oid = m.objid AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S')
  UNION ALL
  SELECT m.*, t.typowner, 'T', t.typacl, 'TYPE'
  FROM member m JOIN pg_type t ON m.classid = 'pg_type'::regclass AND t.oid = m.objid AND t.typtype IN ('b', 'c', 'd', 'e', 'r')
  UNION ALL
  SELECT m.*, n.nspowner, 'n', n.nspacl, 'SCHEMA' FROM member m JOIN pg_namespace n ON m.classid = 'pg_namespace'::regclass AND n.oid = m.objid
  UNION ALL
  SELECT m.*, w.fdwowner, 'F', w.fdwacl, 'FOREIGN DATA WRAPPER'
  FROM member m JOIN pg_foreign_data_wrapper w ON m.classid = 'pg_foreign_data_wrapper'::regclass AND w.oid = m.objid
  UNION ALL
  SELECT m.*, l.lanowner, 'l', l.lanacl, 'LANGUAGE' FROM member m JOIN pg_language l ON m.classid = 'pg_language'::regclass AND l.oid = m.objid
), told AS (
  SELECT acl.*, (SELECT p.initprivs FROM pg_init_privs p WHERE p.classoid = acl.classid AND p.objoid = acl.objid AND p.objsubid = 0)
    AS given FROM acl
), held AS (
  SELECT t.extname, t.classid, t.objid, t.word, e.grantee, e.privilege_type AS privilege, e.is_grantable AS grantable, true AS now
  FROM told t, aclexplode(coalesce(t.acl, acldefault(t.type, t.owner))) e WHERE t.acl IS DISTINCT FROM t.given
  UNION
  SELECT t.extname, t.classid, t.objid, t.word, CASE WHEN e.grantee = e.grantor THEN t.owner ELSE e.grantee END, e.privilege_type,
    e.is_grantable, false
  FROM told t, aclexplode(coalesce(t.given, acldefault(t.type, t.owner))) e WHERE t.acl IS DISTINCT FROM t.given
), item AS (
  SELECT extname, classid, objid, word, grantee, privilege, grantable, bool_or(now) AS given
  FROM held GROUP BY 1, 2, 3, 4, 5, 6, 7 HAVING count(*) = 1
), said AS (
  SELECT i.extname, i.given, i.grantee, CASE WHEN i.grantable THEN ' WITH GRANT OPTION' ELSE '' END AS option,
    CASE i.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(i.grantee)) END AS who,
    string_agg(i.privilege, ', ' ORDER BY i.privilege) || ' ON ' || i.word || ' '
      || (SELECT o.identity FROM pg_identify_object(i.classid, i.objid, 0) o) AS list
  FROM item i GROUP BY i.extname, i.classid, i.objid, i.word, i.given, i.grantee, i.grantable
)
SELECT 0::oid, 0::oid, 0, NULL::oid, NULL::oid, NULL::int,
  extname || ': ' || list || CASE WHEN given THEN ' TO ' ELSE ' FROM ' END || who || option, NULL::text,
  CASE WHEN given THEN 'GRANT ' || list || ' TO ' || who || option ELSE 'REVOKE ' || list || ' FROM ' || who END AS definition,
  CASE WHEN given THEN 'REVOKE ' || list || ' FROM ' || who ELSE 'GRANT ' || list || ' TO ' || who || option END AS reverse,
  extname::text AS extension, CASE WHEN grantee <> 0 THEN ARRAY[pg_get_userbyid(grantee)::text] END AS roles
FROM said)sql";
}

Step say(const ObjectId& id, const std::string& verb, std::string statement) {
  Step step;
  step.title = verb + " " + catalog::to_string(id);
  step.sql = {std::move(statement)};
  constexpr std::string_view kRevoke = "REVOKE ";
  if (step.sql.front().starts_with(kRevoke)) {
    step.phase = plan::Phase::contract;
    step.breaking = "statements that use what it is taken from may be refused";
  }
  return step;
}

Steps create(const Object& object, const Context& context) {
  Step step = say(object.id, "set", object.get(keys::kDefinition));
  step.produces = {object.id};
  const std::string extension = object.get(keys::kExtension);
  if (!extension.empty() && context.is_new({&kExtension.tag, {extension}})) {
    step.phase = plan::Phase::expand;
    step.breaking.clear();
  }
  return {std::move(step)};
}

Steps change(const Change&, const Object& from, const Object& to, const Context& context) {
  Steps steps = create(to, context);
  steps.front().sql.insert(steps.front().sql.begin(), from.get(keys::kReverse));
  return steps;
}

// They are dropped with the extension.
Steps drop(const Object& object, const Context& context) {
  if (!context.to.contains({&kExtension.tag, {object.get(keys::kExtension)}})) return {};
  Step step = say(object.id, "reset", object.get(keys::kReverse));
  step.destroys = {object.id};
  return {std::move(step)};
}

std::string declare(const Object& object, const Catalog&) {
  return "extension privileges " + object.get(keys::kDefinition);
}

std::vector<ObjectId> uses(const Object& object, const Catalog&) {
  if (!object.has(keys::kExtension)) return {};
  return {ObjectId{&kExtension.tag, {object.get(keys::kExtension)}}};
}

constexpr AttrSpec kAttributes[] = {
    {.name = keys::kDefinition.name, .expression = true, .recipe = change},
    {.name = keys::kReverse.name, .derived = true},
    {.name = keys::kExtension.name, .derived = true},
    {.name = keys::kRoles.name, .type = ValueType::list, .derived = true},
};

}  // namespace
}  // namespace extension_privileges

constinit const KindSpec kExtensionPrivileges{
    .tag = {"extension_privileges"},
    .keyword = "EXTENSION PRIVILEGES",
    .introspect = extension_privileges::introspect,
    .attributes = extension_privileges::kAttributes,
    .create = extension_privileges::create,
    .drop = extension_privileges::drop,
    .address = [](const ObjectId& id) { return support::join(id.path, " "); },
    .declare = extension_privileges::declare,
    .uses = extension_privileges::uses,
    .placement = Placement::database,
    .made_by = Maker::superuser,
};

}  // namespace lockstep::kinds
