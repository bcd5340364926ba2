// Extensions: only the extension itself; its members are PostgreSQL's business. plpgsql belongs to every database.
#include "kinds/kinds_list.h"
#include "support/sql_text.h"

namespace lockstep::kinds {
namespace {

constexpr Attr<std::string> kInSchema{"schema"}, kVersion{"version"};

std::string move(const Object& to) {
  return "SET SCHEMA " + support::quote_identifier(to.get(kInSchema));
}
std::string update(const Object& to) {
  return "UPDATE TO " + support::quote_literal(to.get(kVersion));
}

constexpr AttrSpec kAttributes[] = {
    {.name = kInSchema.name, .facet = true, .clause = move},
    {.name = kVersion.name, .facet = true, .clause = update},
};

std::string introspect(int) {
  return "SELECT 'pg_extension'::regclass::oid, e.oid, 0, NULL::oid, NULL::oid, NULL::int, e.extname::text, NULL::text,"
         " n.nspname::text AS schema, e.extversion AS version"
         " FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace WHERE e.extname <> 'plpgsql'";
}

std::string address(const ObjectId& id) {
  return support::quote_identifier(id.path[0]);
}

Steps create(const Object& object, const Context&) {
  std::string sql = "CREATE EXTENSION " + address(object.id);
  if (object.has(kInSchema)) sql += " SCHEMA " + support::quote_identifier(object.get(kInSchema));
  if (object.has(kVersion)) sql += " VERSION " + support::quote_literal(object.get(kVersion));
  Step step = recipes::step_for(object, "create " + catalog::to_string(object.id), {sql});
  // Without SCHEMA the control file decides, or else the search path: public, as in a session without settings.
  step.search_path = {object.has(kInSchema) ? object.get(kInSchema) : "public"};
  return {step};
}

std::string declare(const Object& object, const Catalog&) {
  std::string text = "extension " + address(object.id);
  if (object.has(kInSchema)) text += " schema " + support::quote_identifier(object.get(kInSchema));
  if (object.has(kVersion)) text += " version " + support::quote_literal(object.get(kVersion));
  return text;
}

std::vector<ObjectId> uses(const Object& object, const Catalog&) {
  return {ObjectId{&kSchema.tag, {object.has(kInSchema) ? object.get(kInSchema) : "public"}}};
}

}  // namespace

constinit const KindSpec kExtension{
    .tag = {"extension"},
    .keyword = "EXTENSION",
    .introspect = introspect,
    .attributes = kAttributes,
    .create = create,
    .address = address,
    .declare = declare,
    .uses = uses,
    .joins_clauses = false,
    .drop_hazard = "drop-object",
    .in_schema = false,
    .by_superuser = true,
};

}  // namespace lockstep::kinds
