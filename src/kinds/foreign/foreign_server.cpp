// Foreign server: a name and a few options. User mappings and foreign tables depend on it.
#include "catalog/keys.h"
#include "kinds/foreign/foreign_options.h"
#include "kinds/kinds_list.h"
#include "kinds/printing/plain_steps.h"
#include "kinds/printing/property_text.h"
#include "support/sql_text.h"

namespace lockstep::kinds {
namespace foreign_server {
namespace {

constexpr Attr<std::string> kWrapper{"wrapper"};

std::string introspect(int) {
  return R"(SELECT 'pg_foreign_server'::regclass::oid, s.oid, 0, NULL::oid, NULL::oid, NULL::integer, s.srvname, NULL::text,
  quote_ident(w.fdwname) AS wrapper,
  s.srvtype AS type,
  s.srvversion AS version,
  )" + foreign_options_sql("s.srvoptions") +
         " AS options,\n  " + secret_names_sql("s.srvoptions") +
         R"( AS secret_options,
  pg_get_userbyid(s.srvowner)::text AS owner
FROM pg_foreign_server s JOIN pg_foreign_data_wrapper w ON w.oid = s.srvfdw)";
}

std::string version_clause(const Object& to) {
  return "VERSION " + (to.has(keys::kVersion) ? support::quote_literal(to.get(keys::kVersion)) : "NULL");
}

Steps change_options(const Change&, const Object& from, const Object& to, const Context&) {
  Step step = alter_step(kForeignServer, to, "options", {foreign_options_change(kForeignServer, from, to)});
  step.phase = plan::Phase::contract;
  step.breaking = "statements on its foreign tables may reach another server, or none";
  return {std::move(step)};
}

Steps create(const Object& object, const Context& context) {
  std::string sql = "CREATE SERVER " + own_name(object);
  if (object.has(keys::kType)) sql += " TYPE " + support::quote_literal(object.get(keys::kType));
  if (object.has(keys::kVersion)) sql += " VERSION " + support::quote_literal(object.get(keys::kVersion));
  sql += " FOREIGN DATA WRAPPER " + object.get(kWrapper) + foreign_options_clause(kForeignServer, object);
  Step step = create_step(kForeignServer, object, context, std::move(sql));
  step.title += left_to_others(object);
  return {std::move(step)};
}

Steps drop(const Object& object, const Context& context) {
  Step step = drop_step(kForeignServer, object, context, plan::LockMode::none, "statements on its foreign tables fail");
  if (const std::string names = secret_names(object); !names.empty()) {
    step.losses.push_back(
        {.hazard = "drop-object",
         .object = object.id.path[0],
         .what = described(kForeignServer, object.id) + " and its secret options " + names + ", which are never read"});
  }
  return {std::move(step)};
}

std::string declare(const Object& object, const Catalog&) {
  return "foreign server " + own_name(object) + properties_text(kForeignServer, with_secret_names(object));
}

Steps rename(const ObjectId& from, const ObjectId& to, const Context&) {
  return rename_object(kForeignServer, from, to, plan::LockMode::none, {});
}

constexpr AttrSpec kAttributes[] = {
    {.name = kWrapper.name, .expression = true},
    {.name = keys::kType.name},
    {.name = keys::kVersion.name, .clause = version_clause},
    {.name = keys::kOptions.name, .type = ValueType::list, .recipe = change_options},
    kSecretOptionsAttribute,
    kOwnerAttribute,
};

}  // namespace
}  // namespace foreign_server

constinit const KindSpec kForeignServer{
    .tag = {"foreign_server"},
    .keyword = "SERVER",
    .introspect = foreign_server::introspect,
    .attributes = foreign_server::kAttributes,
    .create = foreign_server::create,
    .drop = foreign_server::drop,
    .address = [](const ObjectId& id) { return support::quote_identifier(id.path[0]); },
    .declare = foreign_server::declare,
    .rename = foreign_server::rename,
    .grant_keyword = "FOREIGN SERVER",
    .joins_clauses = false,
    .placement = Placement::database,
};

}  // namespace lockstep::kinds
