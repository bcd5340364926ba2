// Schemas. Created without AUTHORIZATION: the owner is set by a statement of its own, as for every kind.
#include "kinds/kinds_list.h"
#include "kinds/printing/introspect_sql.h"
#include "support/sql_text.h"

namespace lockstep::kinds {
namespace schema {
namespace {

constexpr AttrSpec kAttributes[] = {kOwnerAttribute};

std::string introspect(int) {
  return "SELECT 'pg_namespace'::regclass::oid, n.oid, 0, NULL::oid, NULL::oid, NULL::int, n.nspname::text, NULL::text,"
         " pg_get_userbyid(n.nspowner)::text AS owner FROM pg_namespace n WHERE " +
         user_schema("n");
}

std::string address(const ObjectId& id) {
  return support::quote_identifier(id.path[0]);
}

Steps create(const Object& object, const Context& context) {
  // Every new database has schema "public", so declaring it must not fail there.
  const bool born = object.id.path[0] == "public";
  Step step = recipes::step_for(object, "create " + catalog::to_string(object.id),
                                {std::string("CREATE SCHEMA ") + (born ? "IF NOT EXISTS " : "") + address(object.id)});
  // Its privileges are compared with those that initdb gives (kinds/access/grant.cpp), which CREATE SCHEMA doesn't.
  if (born && !context.elaborating) {
    const char* given = context.server_version >= 150000 ? "USAGE" : "CREATE, USAGE";
    step.sql.push_back(std::string("GRANT ") + given + " ON SCHEMA public TO PUBLIC");
  }
  return {std::move(step)};
}

std::string declare(const Object& object, const Catalog&) {
  return "schema " + address(object.id);
}

Steps rename(const ObjectId& from, const ObjectId& to, const Context&) {
  return rename_steps(from, to, alter(kSchema, from) + " RENAME TO " + address(to));
}

}  // namespace
}  // namespace schema

constinit const KindSpec kSchema{
    .tag = {"schema"},
    .keyword = "SCHEMA",
    .introspect = schema::introspect,
    .attributes = schema::kAttributes,
    .create = schema::create,
    .address = schema::address,
    .declare = schema::declare,
    .rename = schema::rename,
    .grant_keyword = "SCHEMA",
    .empty_before_drop = true,
};

}  // namespace lockstep::kinds
