#include "fleet/present_columns.h"

#include <fmt/format.h>

#include <algorithm>

#include "catalog/keys.h"
#include "executor/applied.h"
#include "kinds/registry.h"
#include "reconciler/state.h"
#include "support/sql_text.h"

namespace lockstep::fleet {
namespace {

using support::Sql;

// What has a type on a relation is a column.
std::string type_of(const catalog::Catalog& catalog, const catalog::Path& column) {
  for (const catalog::Object& object : catalog.objects())
    if (object.id.path == column && object.has(keys::kType)) return object.get(keys::kType);
  return {};
}

std::optional<reconciler::State> recorded(postgres::Session& session) {
  const auto applied = executor::applied_state(session);
  return applied ? reconciler::read_state(applied->objects, applied->scope) : std::nullopt;
}

bool gives(const plan::Plan& plan, const catalog::Path& column, const std::string& grantee) {
  return std::any_of(plan.steps.begin(), plan.steps.end(), [&](const plan::Step& step) {
    return std::any_of(step.produces.begin(), step.produces.end(), [&](const catalog::ObjectId& id) {
      return kinds::of(id).placement == kinds::Placement::target_by_role && id.path.back() == grantee &&
             std::search(id.path.begin(), id.path.end(), column.begin(), column.end()) != id.path.end();
    });
  });
}

}  // namespace

bool was_recreated(postgres::Session& session, const PresentColumn& column) {
  const std::string table = support::qualified(column.path[0], column.path[1]);
  // A column that was added after the former one and dropped may have been the one that the run left.
  const auto facts = session.query(
      "SELECT p.attrelid, p.attnum, f.attnum, EXISTS (SELECT FROM pg_catalog.pg_attribute d WHERE d.attrelid = p.attrelid AND "
      "d.attisdropped AND d.attnum > f.attnum AND d.attnum < p.attnum) FROM pg_catalog.pg_attribute p JOIN "
      "pg_catalog.pg_attribute f ON f.attrelid = p.attrelid WHERE p.attrelid = pg_catalog.to_regclass($1) AND p.attname = $2 AND "
      "f.attname = $3",
      {table, column.path.back(), column.former.back()});
  if (facts.empty()) return false;
  if (const auto state = recorded(session); state) {
    const auto known = std::find_if(state->addresses.begin(), state->addresses.end(),
                                    [&](const auto& one) { return one.second.sub != 0 && one.first.path == column.path; });
    const bool same_table = known != state->addresses.end() && known->second.object == facts.integer(0, 0);
    // As it was recorded before the run, if the run was cut off before it recorded anything.
    const bool before_run = same_table && known->second.sub == facts.integer(0, 2);
    if (same_table && !before_run && known->second.sub != facts.integer(0, 1)) return true;
  }
  if (!facts.boolean(0, 3)) return false;
  return session
      .execute("SELECT EXISTS (SELECT FROM " + Sql::relation(table) + " WHERE " + Sql::identifier(column.former.back()) +
               " IS DISTINCT FROM NULL AND " + Sql::identifier(column.path.back()) + " IS NOT DISTINCT FROM NULL)")
      .boolean(0, 0);
}

std::string type_since(postgres::Session& session, const catalog::Catalog& live, const catalog::Path& column) {
  const auto state = recorded(session);
  if (!state) return {};
  const std::string was = type_of(state->catalog, column), is = type_of(live, column);
  return was.empty() || is.empty() || was == is ? std::string() : fmt::format("type was {}, is {}", was, is);
}

std::vector<std::string> given_since(postgres::Session& session, const plan::Plan& plan, const std::string& relation,
                                     const std::string& former, const std::string& present) {
  const auto rows = session.query(
      "SELECT n.nspname, c.relname, CASE g.grantee WHEN 0 THEN 'PUBLIC' ELSE pg_catalog.pg_get_userbyid(g.grantee) END, "
      "pg_catalog.string_agg(g.privilege_type || CASE WHEN g.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END, ', ' ORDER BY "
      "g.privilege_type) FROM pg_catalog.pg_attribute f JOIN pg_catalog.pg_attribute p ON p.attrelid = f.attrelid JOIN "
      "pg_catalog.pg_class c ON c.oid = f.attrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace CROSS JOIN LATERAL "
      "pg_catalog.aclexplode(p.attacl) g WHERE f.attrelid = $1::pg_catalog.oid AND f.attnum = $2::pg_catalog.int2 AND p.attname "
      "= $3 AND NOT p.attisdropped AND g.grantee <> c.relowner AND NOT EXISTS (SELECT FROM pg_catalog.aclexplode(f.attacl) h "
      "WHERE (h.grantee, h.privilege_type) = (g.grantee, g.privilege_type) AND h.is_grantable >= g.is_grantable) GROUP BY 1, 2, "
      "3 ORDER BY 1, 2, 3",
      {relation, former, present});
  std::vector<std::string> list;
  for (std::size_t row = 0; row < rows.size(); ++row) {
    const catalog::Path column{rows.text(row, 0), rows.text(row, 1), present};
    const std::string grantee = rows.text(row, 2);
    if (!gives(plan, column, grantee))
      list.push_back(fmt::format("{} on {} to {}", rows.text(row, 3), support::qualified(column), grantee));
  }
  return list;
}

}  // namespace lockstep::fleet
