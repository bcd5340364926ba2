// Grants: what one grantee may do with one object, as far as it differs from PostgreSQL's initial privileges.
//
// The initial privileges are those in pg_init_privs if initdb wrote any, else acldefault(): everything for the owner, and the
// use of routines and types for PUBLIC. An object of this kind with an empty list means that the initial privileges were
// revoked; without an object they are unchanged. Grants by several grantors are merged. Never CASCADE: REVOKE fails with
// PostgreSQL's message if somebody else's grant depends on a grant option.
#include <algorithm>

#include "catalog/keys.h"
#include "kinds/kinds_list.h"
#include "kinds/printing/introspect_sql.h"
#include "kinds/registry.h"
#include "support/sql_text.h"

namespace lockstep::kinds {
namespace grant {
namespace {

constexpr std::string_view kColumnWord = "COLUMN";
constexpr std::string_view kPublic = "PUBLIC";
constexpr auto kLock = plan::LockMode::access_share;  // on a relation, since PostgreSQL 18

bool with_option(const std::string& privilege) {
  return privilege.size() > keys::kWithGrantOption.size() &&
         privilege.compare(privilege.size() - keys::kWithGrantOption.size(), keys::kWithGrantOption.size(),
                           keys::kWithGrantOption) == 0;
}

std::string without_option(const std::string& privilege) {
  return with_option(privilege) ? privilege.substr(0, privilege.size() - keys::kWithGrantOption.size()) : privilege;
}

bool contains(const List& list, const std::string& item) {
  return std::find(list.begin(), list.end(), item) != list.end();
}

// The GRANT and REVOKE statements for one grantee and one object.
class Statements {
 public:
  explicit Statements(const ObjectId& grant) : target_(target_of(grant)), grantee_(grant.path.back()) {
    const KindSpec& kind = of(target_);
    if (kind.grant_keyword == kColumnWord) {
      column_ = " (" + support::quote_identifier(target_.path.back()) + ")";
      on_ = " ON TABLE " + support::qualified({target_.path.begin(), target_.path.end() - 1});
    } else {
      on_ = " ON " + std::string(kind.grant_keyword) + " " +
            (target_.is(kAggregate.tag) ? aggregate_address() : kind.address(target_));
    }
    who_ = grantee_ == kPublic ? grantee_ : support::quote_identifier(grantee_);
  }

  const ObjectId& target() const { return target_; }
  const std::string& grantee() const { return grantee_; }
  std::string title(std::string_view verb, std::string_view word) const {
    return std::string(verb) + " on " + catalog::to_string(target_) + " " + std::string(word) + " " + grantee_;
  }

  void grant(std::vector<std::string>& sql, const List& privileges) const {
    const std::string plain = names(privileges, false), passed_on = names(privileges, true);
    if (!plain.empty()) sql.push_back("GRANT " + plain + on_ + " TO " + who_);
    if (!passed_on.empty()) sql.push_back("GRANT " + passed_on + on_ + " TO " + who_ + std::string(keys::kWithGrantOption));
  }
  void revoke(std::vector<std::string>& sql, const List& privileges) const {
    if (!privileges.empty()) sql.push_back("REVOKE " + written(privileges) + on_ + " FROM " + who_);
  }
  void revoke_option(std::vector<std::string>& sql, const List& privileges) const {
    if (!privileges.empty()) sql.push_back("REVOKE GRANT OPTION FOR " + written(privileges) + on_ + " FROM " + who_);
  }

 private:
  // GRANT names an aggregate by its argument types alone. A variadic argument at the end of both lists is one argument.
  std::string aggregate_address() const {
    std::string arguments = target_.path[2] == "*" ? "" : target_.path[2];
    constexpr std::string_view kOrderBy = " ORDER BY ", kVariadic = "VARIADIC ";
    if (const auto order_by = arguments.find(kOrderBy); order_by != std::string::npos) {
      const std::string direct = arguments.substr(0, order_by), ordered = arguments.substr(order_by + kOrderBy.size());
      const auto variadic = direct.rfind(kVariadic);
      const bool shared = variadic != std::string::npos && direct.substr(variadic) == ordered;
      arguments = shared ? direct : direct + (direct.empty() ? "" : ", ") + ordered;
    }
    return support::qualified(target_.path[0], target_.path[1]) + "(" + arguments + ")";
  }

  std::string written(const List& privileges) const {
    std::vector<std::string> words;
    for (const auto& privilege : privileges) words.push_back(without_option(privilege) + column_);
    return support::join(words, ", ");
  }

  std::string names(const List& privileges, bool option) const {
    List chosen;
    std::copy_if(privileges.begin(), privileges.end(), std::back_inserter(chosen),
                 [&](const auto& item) { return with_option(item) == option; });
    return written(chosen);
  }

  ObjectId target_;
  std::string grantee_, column_, on_, who_;
};

std::string owner_of(const ObjectId& target, const Context& context) {
  const Object* object = context.to.find(target);
  if (object == nullptr || !object->has(kOwner)) object = context.from.find(target);
  return object == nullptr ? "" : object->get(kOwner);
}

// The privileges of the grantee without any GRANT; empty: none.
List base(const Statements& statements, const Context& context) {
  const ObjectId& target = statements.target();
  const std::string_view keyword = of(target).grant_keyword;
  if (keyword != kColumnWord && statements.grantee() == owner_of(target, context)) return {"ALL"};
  const bool public_schema = target.is(kSchema.tag) && target.path[0] == "public";
  if (public_schema && statements.grantee() == "pg_database_owner") return {"CREATE", "USAGE"};
  if (statements.grantee() != kPublic) return {};
  if (public_schema) return context.server_version >= 150000 ? List{"USAGE"} : List{"CREATE", "USAGE"};
  if (keyword == "FUNCTION" || keyword == "PROCEDURE") return {"EXECUTE"};
  if (keyword == "TYPE" || keyword == "DOMAIN") return {"USAGE"};
  return {};
}

// REVOKE on a relation also revokes the privilege on each column, so the column privileges that should stay are granted again.
void regrant_columns(std::vector<std::string>& sql, const Statements& statements, const List& revoked, const Context& context) {
  const auto relation = context.to.index_of(statements.target());
  if (!relation) return;
  for (const auto child : context.to.children(*relation)) {
    if (of(context.to.at(child).id).grant_keyword != kColumnWord) continue;
    for (const auto below : context.to.children(child)) {
      const Object& grant = context.to.at(below);
      if (!grant.id.is(kGrant.tag) || grant.id.path.back() != statements.grantee()) continue;
      List lost;
      for (const auto& item : grant.get(keys::kPrivileges)) {
        const bool taken = contains(revoked, "ALL") || std::any_of(revoked.begin(), revoked.end(), [&](const auto& gone) {
                             return without_option(gone) == without_option(item);
                           });
        if (taken) lost.push_back(item);
      }
      Statements(grant.id).grant(sql, lost);
    }
  }
}

void mark_revoking(Step& step, const Statements& statements, const List& revoked, const Context& context) {
  regrant_columns(step.sql, statements, revoked, context);
  if (context.is_new(statements.target())) return;
  step.phase = plan::Phase::contract;
  step.breaking = "statements of " + statements.grantee() + " on " + catalog::to_string(statements.target()) + " may be refused";
}

Steps create(const Object& object, const Context& context) {
  const Statements statements(object.id);
  const List wanted = object.get(keys::kPrivileges);
  Step step =
      recipes::step_for(object, wanted.empty() ? statements.title("revoke all", "from") : statements.title("grant", "to"), {});
  if (!context.is_new(statements.target())) step.lock = kLock;
  const List given = base(statements, context);
  const bool takes = std::any_of(given.begin(), given.end(),
                                 [&](const auto& item) { return !contains(wanted, item) && !contains(wanted, "ALL"); });
  if (takes) statements.revoke(step.sql, {"ALL"});
  statements.grant(step.sql, wanted);
  if (takes) mark_revoking(step, statements, {"ALL"}, context);
  if (step.sql.empty()) statements.revoke(step.sql, {"ALL"});  // an empty list, although there is nothing to revoke
  return {std::move(step)};
}

Steps drop(const Object& object, const Context& context) {
  const Statements statements(object.id);
  Step step;
  step.title = statements.title("reset privileges", "of");
  step.destroys = {object.id};
  step.lock = kLock;
  const List given = base(statements, context);
  List taken, option_taken;
  for (const auto& privilege : object.get(keys::kPrivileges)) {
    const bool stays = contains(given, "ALL") || contains(given, without_option(privilege));
    if (!stays) taken.push_back(privilege);
    if (stays && with_option(privilege)) option_taken.push_back(privilege);
  }
  statements.revoke(step.sql, taken);
  statements.revoke_option(step.sql, option_taken);
  statements.grant(step.sql, given);
  if (!taken.empty()) mark_revoking(step, statements, taken, context);
  if (step.sql.empty()) statements.revoke(step.sql, {"ALL"});
  return {std::move(step)};
}

Steps change(const Change&, const Object& from, const Object& to, const Context& context) {
  const Statements statements(to.id);
  const List old = from.get(keys::kPrivileges), wanted = to.get(keys::kPrivileges);
  List gone, option_gone, come;
  for (const auto& item : old) {
    const std::string name = without_option(item);
    if (contains(wanted, item)) continue;
    if (with_option(item) && contains(wanted, name)) {
      option_gone.push_back(item);
    } else if (!contains(wanted, name + std::string(keys::kWithGrantOption))) {
      gone.push_back(item);
    }
  }
  for (const auto& item : wanted) {
    const bool held = contains(old, item) || (!with_option(item) && contains(old, item + std::string(keys::kWithGrantOption)));
    if (!held) come.push_back(item);
  }
  Step step = recipes::step_for(to, statements.title("change privileges", "of"), {});
  step.lock = kLock;
  statements.revoke(step.sql, gone);
  statements.revoke_option(step.sql, option_gone);
  statements.grant(step.sql, come);
  if (!gone.empty() || !option_gone.empty()) mark_revoking(step, statements, gone, context);
  return {std::move(step)};
}

constexpr AttrSpec kAttributes[] = {{.name = keys::kPrivileges.name, .type = ValueType::list, .recipe = change}};

// All kinds of access lists as one column. Row types and array types have none of their own.
std::string access_lists() {
  const std::string in_user_schema = " AND " + user_schema("n");
  return R"sql(
  SELECT 'pg_class'::regclass::oid AS class, c.oid AS object, 0 AS sub, c.relowner AS owner,
    CASE c.relkind WHEN 'S' THEN 's' ELSE 'r' END::"char" AS type, c.relacl AS acl
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE c.relacl IS NOT NULL AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S'))sql" +
         in_user_schema + R"sql(
  UNION ALL SELECT 'pg_class'::regclass, c.oid, a.attnum, c.relowner, 'c', a.attacl
  FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE a.attacl IS NOT NULL AND a.attnum > 0 AND NOT a.attisdropped)sql" +
         in_user_schema + R"sql(
  UNION ALL SELECT 'pg_namespace'::regclass, n.oid, 0, n.nspowner, 'n', n.nspacl
  FROM pg_namespace n WHERE n.nspacl IS NOT NULL)sql" +
         in_user_schema + R"sql(
  UNION ALL SELECT 'pg_proc'::regclass, p.oid, 0, p.proowner, 'f', p.proacl
  FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE p.proacl IS NOT NULL)sql" +
         in_user_schema + R"sql(
  UNION ALL SELECT 'pg_type'::regclass, t.oid, 0, t.typowner, 'T', t.typacl
  FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace
  WHERE t.typacl IS NOT NULL AND t.typtype IN ('c', 'd', 'e', 'r'))sql" +
         in_user_schema + R"sql(
  UNION ALL SELECT 'pg_foreign_data_wrapper'::regclass, w.oid, 0, w.fdwowner, 'F', w.fdwacl
  FROM pg_foreign_data_wrapper w WHERE w.fdwacl IS NOT NULL
  UNION ALL SELECT 'pg_foreign_server'::regclass, s.oid, 0, s.srvowner, 'S', s.srvacl
  FROM pg_foreign_server s WHERE s.srvacl IS NOT NULL)sql";
}

// In initdb's lists the then owner is the grantee of the owner's privileges; the owner may have changed since.
std::string introspect(int) {
  return "WITH acl AS (" + access_lists() + R"sql(
), held AS (
  SELECT acl.class, acl.object, acl.sub, e.grantee, e.privilege_type, bool_or(e.is_grantable) AS grantable, true AS now
  FROM acl, aclexplode(acl.acl) e GROUP BY 1, 2, 3, 4, 5
  UNION ALL
  SELECT acl.class, acl.object, acl.sub, CASE WHEN e.grantee = e.grantor THEN acl.owner ELSE e.grantee END, e.privilege_type,
    bool_or(e.is_grantable), false
  FROM acl, aclexplode(coalesce(
    (SELECT p.initprivs FROM pg_init_privs p
     WHERE p.classoid = acl.class AND p.objoid = acl.object AND p.objsubid = acl.sub AND p.privtype = 'i'),
    acldefault(acl.type, acl.owner))) e GROUP BY 1, 2, 3, 4, 5
), item AS (
  SELECT class, object, sub, grantee, now,
    (privilege_type || CASE WHEN grantable THEN ' WITH GRANT OPTION' ELSE '' END) COLLATE "C" AS privilege
  FROM held
), sums AS (
  SELECT class, object, sub, grantee, coalesce(array_agg(privilege ORDER BY privilege) FILTER (WHERE now), '{}') AS privileges,
    coalesce(array_agg(privilege ORDER BY privilege) FILTER (WHERE NOT now), '{}') AS base
  FROM item GROUP BY 1, 2, 3, 4
)
SELECT 0::oid, 0::oid, 0, class, object, sub, CASE grantee WHEN 0 THEN 'PUBLIC' ELSE pg_get_userbyid(grantee)::text END,
  NULL::text, privileges
FROM sums WHERE privileges <> base)sql";
}

// pg_default_acl.defaclobjtype for a kind; 0: it has no default privileges.
char default_type(const KindSpec& kind) {
  if (kind.grant_keyword == "TABLE") return 'r';
  if (kind.grant_keyword == "SEQUENCE") return 'S';
  if (kind.grant_keyword == "FUNCTION" || kind.grant_keyword == "PROCEDURE") return 'f';
  if (kind.grant_keyword == "TYPE" || kind.grant_keyword == "DOMAIN") return 'T';
  return kind.grant_keyword == "SCHEMA" ? 'n' : '\0';
}

}  // namespace
}  // namespace grant

std::vector<std::string> without_default_privileges(const Object& object, const Context& context, const ObjectId* under) {
  std::vector<std::string> sql;
  const char type = grant::default_type(of(object.id));
  if (context.default_privileges == nullptr || type == '\0') return sql;
  const auto index = context.to.index_of(object.id);
  const auto& children = context.to.children(*index);
  const bool stated =
      std::any_of(children.begin(), children.end(), [&](const auto child) { return context.to.at(child).id.is(kGrant.tag); });
  if (!stated && !context.manages_every_grant) return sql;  // its access list is not managed
  const auto grant_on = [](const ObjectId& id) {
    ObjectId grant{&kGrant.tag, {std::string(id.kind->name)}};
    grant.path.append(id.path);
    grant.path.push_back({});
    return grant;
  };
  ObjectId grant = grant_on(object.id), there = grant_on(under != nullptr ? *under : object.id);
  for (const auto& item : *context.default_privileges) {
    if (item.object_type != type || (!item.schema.empty() && item.schema != schema_of(object.id))) continue;
    for (ObjectId* id : {&grant, &there}) id->path.set_back(item.grantee);
    const grant::Statements statements(there);
    const Object* wanted = context.to.find(grant);
    if (wanted != nullptr && wanted->get(keys::kPrivileges) == item.privileges) continue;
    if (!item.privileges.empty()) statements.revoke(sql, {"ALL"});
    if (wanted == nullptr && (item.taken || !item.privileges.empty())) statements.grant(sql, grant::base(statements, context));
  }
  return sql;
}

constinit const KindSpec kGrant{
    .tag = {"grant"},
    .keyword = "GRANT",
    .introspect = grant::introspect,
    .attributes = grant::kAttributes,
    .create = grant::create,
    .drop = grant::drop,
    .placement = Placement::target_by_role,
};

}  // namespace lockstep::kinds
