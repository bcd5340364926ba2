// User mapping: the remote user of a role on a foreign server. Of an option that is a secret (a password) only the name is
// read; the others are compared like those of a server. See foreign_options.h.
//
// Path: server, user. It has no parent, since DROP SERVER doesn't drop its mappings.
#include "catalog/keys.h"
#include "kinds/foreign/foreign_options.h"
#include "kinds/kinds_list.h"
#include "kinds/printing/plain_steps.h"
#include "kinds/printing/property_text.h"
#include "support/error.h"
#include "support/sql_text.h"

namespace lockstep::kinds {
namespace user_mapping {
namespace {

constexpr Attr<bool> kUnreadable{"unreadable"};

// Reads the view, because only a superuser may read the table. The view hides options from roles that may not see them.
std::string introspect(int) {
  return R"(SELECT 'pg_user_mapping'::regclass::oid, u.umid, 0, NULL::oid, NULL::oid, NULL::integer, u.srvname, u.usename,
  )" + foreign_options_sql("u.umoptions") +
         " AS options,\n  " + secret_names_sql("u.umoptions") + R"( AS secret_options,
  nullif(u.umoptions IS NULL AND NOT (
      u.usename = current_user AND (pg_has_role(s.srvowner, 'USAGE') OR has_server_privilege(s.oid, 'USAGE'))
      OR u.umuser = 0 AND pg_has_role(s.srvowner, 'USAGE')
      OR (SELECT r.rolsuper FROM pg_roles r WHERE r.rolname = current_user)), false) AS unreadable,
  CASE WHEN u.umuser <> 0 THEN ARRAY[u.usename]::text[] END AS roles
FROM pg_user_mappings u JOIN pg_foreign_server s ON s.oid = u.srvid)";
}

// The mapping for everyone is called public, a name that no role can have.
std::string address(const ObjectId& id) {
  const std::string& user = id.path[1];
  return "FOR " + (user == "public" ? "PUBLIC" : support::quote_identifier(user)) + " SERVER " +
         support::quote_identifier(id.path[0]);
}

Steps create(const Object& object, const Context& context) {
  Step step = create_step(kUserMapping, object, context,
                          "CREATE USER MAPPING " + address(object.id) + foreign_options_clause(kUserMapping, object));
  step.title += left_to_others(object);
  return {std::move(step)};
}

Steps change_options(const Change&, const Object& from, const Object& to, const Context&) {
  if (from.get(kUnreadable)) {
    throw support::RefusedError("the options of " + described(kUserMapping, to.id) +
                                " can't be compared: only a superuser, the owner of its server and its user may read them.\n"
                                "Nothing was changed. Run this as one of those, or name the options without values: then they "
                                "are managed elsewhere.");
  }
  Step step = alter_step(kUserMapping, to, "options", {foreign_options_change(kUserMapping, from, to)});
  step.phase = plan::Phase::contract;
  step.breaking =
      "statements of " + to.id.path[1] + " on foreign tables of " + to.id.path[0] + " may reach it as another user, or fail";
  return {std::move(step)};
}

Steps drop(const Object& object, const Context& context) {
  Step step = drop_step(kUserMapping, object, context, plan::LockMode::none,
                        "statements of " + object.id.path[1] + " on foreign tables of " + object.id.path[0] + " fail");
  if (const std::string names = secret_names(object); !names.empty()) {
    step.losses.push_back(
        {.hazard = "drop-object",
         .object = support::join(object.id.path, "."),
         .what = described(kUserMapping, object.id) + " and its secret options " + names + ", which are never read"});
  }
  return {std::move(step)};
}

std::string declare(const Object& object, const Catalog&) {
  return "user mapping for " + support::quote_identifier(object.id.path[1]) + " server " +
         support::quote_identifier(object.id.path[0]) + properties_text(kUserMapping, with_secret_names(object));
}

constexpr AttrSpec kAttributes[] = {
    {.name = keys::kOptions.name, .type = ValueType::list, .recipe = change_options},
    kSecretOptionsAttribute,
    {.name = kUnreadable.name, .type = ValueType::boolean, .derived = true},
    {.name = keys::kRoles.name, .type = ValueType::list, .derived = true},
};

}  // namespace
}  // namespace user_mapping

constinit const KindSpec kUserMapping{
    .tag = {"user_mapping"},
    .keyword = "USER MAPPING",
    .introspect = user_mapping::introspect,
    .attributes = user_mapping::kAttributes,
    .create = user_mapping::create,
    .drop = user_mapping::drop,
    .address = user_mapping::address,
    .declare = user_mapping::declare,
    .joins_clauses = false,
    .placement = Placement::database,
};

}  // namespace lockstep::kinds
