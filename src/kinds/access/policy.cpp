// Row security policy. ALTER POLICY can change its roles and expressions, but can't remove an expression or change its command:
// those changes are drop and create. Always needs a brief ACCESS EXCLUSIVE lock.
//
// A policy is created before row security is enabled on its table: enabled without policies, it denies every row.
#include "catalog/keys.h"
#include "kinds/kinds_list.h"
#include "kinds/printing/introspect_sql.h"
#include "kinds/printing/plain_steps.h"
#include "support/sql_text.h"

namespace lockstep::kinds {
namespace policy {
namespace {

constexpr Attr<bool> kRestrictive{"restrictive"};
constexpr Attr<std::string> kCommand{"command"};
constexpr Attr<std::string> kUsing{"using"};
constexpr Attr<std::string> kCheck{"check"};

std::string introspect(int) {
  return R"(SELECT 'pg_policy'::regclass::oid, p.oid, 0, 'pg_class'::regclass::oid, c.oid, 0, p.polname, NULL::text,
  CASE WHEN NOT p.polpermissive THEN true END AS restrictive,
  CASE p.polcmd WHEN 'r' THEN 'select' WHEN 'a' THEN 'insert' WHEN 'w' THEN 'update' WHEN 'd' THEN 'delete' END AS command,
  CASE WHEN p.polroles <> '{0}'::oid[] THEN
    (SELECT array_agg(pg_get_userbyid(r)::text ORDER BY pg_get_userbyid(r)) FROM unnest(p.polroles) r) END AS roles,
  pg_get_expr(p.polqual, p.polrelid) AS "using",
  pg_get_expr(p.polwithcheck, p.polrelid) AS "check"
FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE )" +
         user_schema("n");
}

// "public" is a keyword here, and no role can have that name.
std::string role_list(const List& roles) {
  if (roles.empty()) return "PUBLIC";
  std::vector<std::string> names;
  for (const auto& role : roles) {
    names.push_back(role == "public" || role == "PUBLIC" ? "PUBLIC" : support::quote_identifier(role));
  }
  return support::join(names, ", ");
}

std::string expressions(const Object& policy, std::string_view using_words, std::string_view check_words) {
  std::string text;
  if (policy.has(kUsing)) text += std::string(using_words) + parenthesised(policy.get(kUsing));
  if (policy.has(kCheck)) text += std::string(check_words) + parenthesised(policy.get(kCheck));
  return text;
}

std::string changed_rows(const Object& policy) {
  return "statements on " + parent_name(policy.id) + " may see or write other rows, or be refused";
}

Steps create(const Object& object, const Context& context) {
  const bool replace = stands(object.id, context);
  std::string sql = (replace ? "ALTER POLICY " : "CREATE POLICY ") + on_parent(object.id);
  if (!replace && object.get(kRestrictive)) sql += " AS RESTRICTIVE";
  if (!replace && object.has(kCommand)) sql += " FOR " + object.get(kCommand);
  if (replace || object.has(keys::kRoles)) sql += " TO " + role_list(object.get(keys::kRoles));
  sql += expressions(object, " USING ", " WITH CHECK ");
  Step step = create_step(kPolicy, object, context, std::move(sql));
  step.lock = lock_on_parent(object, plan::LockMode::access_exclusive, context);
  // The sub-selects of its expressions use tables that may exist already.
  if (step.lock == plan::LockMode::none) step.lock = plan::LockMode::access_share;
  // recreated, for another command for example
  const bool recreated = context.from.contains(object.id) && context.is_new(object.id);
  if (replace || recreated || (object.get(kRestrictive) && stands(*object.parent, context))) {
    step.phase = plan::Phase::contract;
    step.breaking = changed_rows(object);
  }
  return {std::move(step)};
}

Steps drop(const Object& object, const Context& context) {
  return {drop_step(kPolicy, object, context, plan::LockMode::access_exclusive, changed_rows(object))};
}

std::string declare(const Object& object, const Catalog&) {
  std::string text = "policy " + own_name(object);
  if (object.get(kRestrictive)) text += " as restrictive";
  if (object.has(kCommand)) text += " for " + object.get(kCommand);
  // Without any clause it would parse as a column of type `policy`.
  const std::string tests = expressions(object, " using ", " with check ");
  const std::string roles = object.has(keys::kRoles) ? support::identifier_list(object.get(keys::kRoles))
                            : tests.empty()          ? "public"
                                                     : "";
  if (!roles.empty()) text += " to " + roles;
  return text + tests;
}

Steps rename(const ObjectId& from, const ObjectId& to, const Context&) {
  return rename_object(kPolicy, from, to, plan::LockMode::access_exclusive, {});
}

bool replaceable(const Object& from, const Object& to) {
  return from.get(kRestrictive) == to.get(kRestrictive) && from.get(kCommand) == to.get(kCommand) &&
         (to.has(kUsing) || !from.has(kUsing)) && (to.has(kCheck) || !from.has(kCheck));
}

constexpr AttrSpec kAttributes[] = {
    {.name = kRestrictive.name, .type = ValueType::boolean},
    {.name = kCommand.name},
    {.name = keys::kRoles.name, .type = ValueType::list},
    {.name = kUsing.name, .expression = true},
    {.name = kCheck.name, .expression = true},
};

}  // namespace
}  // namespace policy

constinit const KindSpec kPolicy{
    .tag = {"policy"},
    .keyword = "POLICY",
    .introspect = policy::introspect,
    .attributes = policy::kAttributes,
    .create = policy::create,
    .drop = policy::drop,
    .address = on_parent,
    .declare = policy::declare,
    .rename = policy::rename,
    .replaceable = policy::replaceable,
    .joins_clauses = false,
    .dropped_before_parent = true,
    .refers_only = true,
};

}  // namespace lockstep::kinds
