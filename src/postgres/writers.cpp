#include "postgres/writers.h"

#include <array>
#include <nlohmann/json.hpp>
#include <string_view>

namespace lockstep::postgres {
namespace {

using nlohmann::json;
using support::Sql;

// $1: the table, $2: names of roles, $3: the rights. Role 0 is PUBLIC. 12: INSERT and UPDATE, in the bits of
// pg_relation_is_updatable().
constexpr Sql kLackingRights = R"sql(
WITH RECURSIVE named (oid) AS (
  SELECT c.oid FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE n.nspname = ($1::jsonb ->> 0) AND c.relname = ($1::jsonb ->> 1)
), part (oid) AS (
  SELECT oid FROM named UNION
  SELECT i.inhrelid FROM part JOIN pg_inherits i ON i.inhparent = part.oid JOIN pg_class c ON c.oid = i.inhrelid AND c.relispartition
), whole (oid) AS (
  SELECT oid FROM named UNION SELECT i.inhparent FROM whole JOIN pg_inherits i ON i.inhrelid = whole.oid
), written (oid) AS (
  SELECT oid FROM part UNION SELECT oid FROM whole UNION
  SELECT w.ev_class FROM written JOIN pg_depend d ON d.refclassid = 'pg_class'::regclass AND d.refobjid = written.oid
    JOIN pg_rewrite w ON d.classid = 'pg_rewrite'::regclass AND w.oid = d.objid
  WHERE w.ev_class <> written.oid AND pg_relation_is_updatable(w.ev_class, false) & 12 <> 0
), holder (role) AS (
  SELECT e.grantee FROM written JOIN pg_class c USING (oid), aclexplode(coalesce(c.relacl, acldefault('r', c.relowner))) e
    WHERE e.privilege_type IN ('INSERT', 'UPDATE')
  UNION SELECT e.grantee FROM written JOIN pg_attribute a ON a.attrelid = written.oid AND NOT a.attisdropped, aclexplode(a.attacl) e
    WHERE e.privilege_type IN ('INSERT', 'UPDATE')
  UNION SELECT r.oid FROM named, pg_roles r JOIN pg_roles w ON w.rolname = 'pg_write_all_data'
    WHERE r.oid <> w.oid AND NOT r.rolsuper AND pg_has_role(r.oid, w.oid, 'USAGE')
  UNION SELECT r.oid FROM named, jsonb_array_elements_text($2::jsonb) o JOIN pg_roles r ON r.rolname = o
  UNION SELECT 0::oid FROM named, jsonb_array_elements_text($2::jsonb) o WHERE o = ''
), needed AS (
  SELECT x.*, p.oid AS routine, n.oid AS schema, c.oid AS relation, (SELECT a.attnum FROM pg_attribute a
      WHERE a.attrelid = c.oid AND a.attname = x.part AND x.part <> '' AND NOT a.attisdropped) AS number
  FROM jsonb_to_recordset($3::jsonb) AS x (kind text, path jsonb, part text, given jsonb, everybody boolean, shown text)
  LEFT JOIN pg_namespace n ON n.nspname = (x.path ->> 0)
  LEFT JOIN pg_proc p ON x.kind = 'EXECUTE' AND p.pronamespace = n.oid AND p.proname = (x.path ->> 1)
    AND (x.path ->> 2) = coalesce((SELECT string_agg(format_type(t.type, NULL), ', ' ORDER BY t.i)
      FROM unnest(p.proargtypes::oid[]) WITH ORDINALITY AS t (type, i)), '')
  LEFT JOIN pg_class c ON x.kind IN ('SELECT', 'NEXT') AND c.relnamespace = n.oid AND c.relname = (x.path ->> 1)
), access (kind, object, acl) AS (
  SELECT 'EXECUTE', p.oid, coalesce(p.proacl, acldefault('f', p.proowner)) FROM pg_proc p JOIN needed ON needed.routine = p.oid
  UNION ALL SELECT 'USAGE', n.oid, coalesce(n.nspacl, acldefault('n', n.nspowner)) FROM pg_namespace n JOIN needed ON needed.schema = n.oid
  UNION ALL SELECT needed.kind, c.oid, coalesce(c.relacl, acldefault(CASE c.relkind WHEN 'S' THEN 's'::"char" ELSE 'r' END, c.relowner))
    FROM pg_class c JOIN needed ON needed.relation = c.oid
), open (kind, object) AS (
  SELECT a.kind, a.object FROM access a, aclexplode(a.acl) e
  WHERE e.grantee = 0 AND CASE a.kind WHEN 'NEXT' THEN e.privilege_type IN ('USAGE', 'UPDATE') ELSE e.privilege_type = a.kind END
)
SELECT DISTINCT r.rolname, needed.shown FROM holder LEFT JOIN pg_roles r ON r.oid = holder.role CROSS JOIN needed
WHERE coalesce(NOT r.rolsuper, true) AND NOT needed.everybody AND NOT CASE
    WHEN holder.role = 0 THEN EXISTS (SELECT FROM open WHERE open.kind = needed.kind
      AND open.object = CASE needed.kind WHEN 'EXECUTE' THEN needed.routine WHEN 'USAGE' THEN needed.schema ELSE needed.relation END)
    WHEN r.oid IS NULL THEN true
    WHEN EXISTS (SELECT FROM jsonb_array_elements_text(needed.given) g JOIN pg_roles o ON o.rolname = g
      WHERE pg_has_role(r.oid, o.oid, 'USAGE')) THEN true
    WHEN needed.kind = 'EXECUTE' THEN coalesce(has_function_privilege(r.oid, needed.routine, 'EXECUTE'), false)
    WHEN needed.kind = 'USAGE' THEN coalesce(has_schema_privilege(r.oid, needed.schema, 'USAGE'), false)
    WHEN needed.kind = 'NEXT' THEN coalesce(has_sequence_privilege(r.oid, needed.relation, 'USAGE, UPDATE'), false)
    WHEN needed.number IS NULL THEN coalesce(has_any_column_privilege(r.oid, needed.relation, 'SELECT'), false)
    ELSE has_column_privilege(r.oid, needed.relation, needed.number, 'SELECT') END
ORDER BY 1 NULLS FIRST, 2)sql";

constexpr std::array<std::string_view, 4> kKinds{"EXECUTE", "USAGE", "SELECT", "NEXT"};

}  // namespace

std::vector<Lacking> lacking_rights(Session& session, const catalog::Path& table, const std::vector<std::string>& others,
                                    const std::vector<NeededRight>& needed) {
  json rights = json::array();
  for (const NeededRight& right : needed) {
    rights.push_back({{"kind", kKinds.at(static_cast<std::size_t>(right.on))},
                      {"path", right.path},
                      {"part", right.column},
                      {"given", right.given},
                      {"everybody", right.given_to_all},
                      {"shown", right.shown}});
  }
  const Result rows = session.query(kLackingRights, {json(table).dump(), json(others).dump(), rights.dump()});
  std::vector<Lacking> lacking;
  for (std::size_t row = 0; row < rows.size(); ++row) {
    const auto role = rows.at(row, 0);
    lacking.push_back({role ? std::optional<std::string>(*role) : std::nullopt, rows.text(row, 1)});
  }
  return lacking;
}

}  // namespace lockstep::postgres
