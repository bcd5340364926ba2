// User mapping: which remote user a role is on a foreign server. Its options are credentials: only their names are read, none
// is ever written. A mapping is therefore made without options, and its title says who sets them.
//
// Path: server, user. It has no parent, since DROP SERVER does not take its mappings along.
#include "kinds/kinds_list.h"
#include "kinds/option_list.h"
#include "kinds/plain_steps.h"
#include "support/error.h"
#include "support/sql_text.h"

namespace lockstep::kinds {

namespace {

constexpr Attr<List> kOptions{"options"};

// The view, not the table, which only a superuser may read; it shows no options to who may not see them.
std::string introspect(int) {
  return R"(SELECT 'pg_user_mapping'::regclass::oid, u.umid, 0, NULL::oid, NULL::oid, NULL::integer, u.srvname, u.usename,
  (SELECT array_agg(split_part(o, '=', 1) ORDER BY o) FROM unnest(u.umoptions) o) AS options
FROM pg_user_mappings u)";
}

// The mapping of everyone is called public, as no role may be.
std::string address(const ObjectId& id) {
  const std::string& user = id.path[1];
  return "FOR " + (user == "public" ? "PUBLIC" : support::quote_identifier(user)) + " SERVER " +
         support::quote_identifier(id.path[0]);
}

Steps create(const Object& object, const Context& context) {
  for (const auto& option : object.get(kOptions)) {
    if (option.find('=') == std::string::npos) continue;
    throw support::RefusedError(
        described(kUserMapping, object.id) + " states the value of option " + split_option(option).first +
        ": credentials would stand in plans and journals. Name the option without a value and set it by hand: "
        "ALTER USER MAPPING " +
        address(object.id) + " OPTIONS (ADD …);");
  }
  Step step = create_step(kUserMapping, object, context, "CREATE USER MAPPING " + address(object.id));
  if (const auto names = object.get(kOptions); !names.empty()) {
    step.title += " without its options (" + support::join(names, ", ") + "): set them by hand";
  }
  return {std::move(step)};
}

Steps drop(const Object& object, const Context& context) {
  Step step = drop_step(kUserMapping, object, context, plan::LockMode::none,
                        "statements of " + object.id.path[1] + " on foreign tables of " + object.id.path[0] + " fail");
  if (const auto names = object.get(kOptions); !names.empty()) {
    step.losses.push_back({.hazard = "drop-object",
                           .object = support::join(object.id.path, "."),
                           .what = described(kUserMapping, object.id) + " and its options (" + support::join(names, ", ") +
                                   "), whose values are never read"});
  }
  return {std::move(step)};
}

std::string declare(const Object& object, const Catalog&) {
  const std::string& user = object.id.path[1];
  const std::string text =
      "user mapping for " + support::quote_identifier(user) + " server " + support::quote_identifier(object.id.path[0]);
  const auto names = object.get(kOptions);
  return names.empty() ? text : text + " (options = (" + support::identifier_list(names) + "))";
}

constexpr AttrSpec kAttributes[] = {{.name = "options", .type = ValueType::list, .derived = true}};

}  // namespace

constinit const KindSpec kUserMapping{
    .tag = {"user_mapping"},
    .keyword = "USER MAPPING",
    .introspect = introspect,
    .attributes = kAttributes,
    .create = create,
    .drop = drop,
    .address = address,
    .declare = declare,
    .joins_clauses = false,
    .in_schema = false,
};

}  // namespace lockstep::kinds
