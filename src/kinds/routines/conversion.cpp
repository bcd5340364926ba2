// Conversion between two encodings. Only its owner and name can be altered.
#include "catalog/keys.h"
#include "kinds/kinds_list.h"
#include "kinds/printing/introspect_sql.h"
#include "kinds/printing/plain_steps.h"
#include "kinds/printing/property_text.h"
#include "support/sql_text.h"

namespace lockstep::kinds {
namespace conversion {
namespace {

constexpr Attr<std::string> kSource{"source"};
constexpr Attr<std::string> kDestination{"destination"};

std::string introspect(int) {
  return R"(SELECT 'pg_conversion'::regclass::oid, v.oid, 0, 'pg_namespace'::regclass::oid, n.oid, 0, v.conname, NULL::text,
  pg_encoding_to_char(v.conforencoding)::text AS source,
  pg_encoding_to_char(v.contoencoding)::text AS destination,
  v.conproc::regproc::text AS "function",
  CASE WHEN v.condefault THEN true END AS "default",
  pg_get_userbyid(v.conowner)::text AS owner
FROM pg_conversion v JOIN pg_namespace n ON n.oid = v.connamespace
WHERE )" +
         user_schema("n");
}

Steps create(const Object& object, const Context& context) {
  return {create_step(kConversion, object, context,
                      std::string(object.get(keys::kConversionDefault) ? "CREATE DEFAULT CONVERSION " : "CREATE CONVERSION ") +
                          support::qualified(object.id.path) + " FOR " + support::quote_literal(object.get(kSource)) + " TO " +
                          support::quote_literal(object.get(kDestination)) + " FROM " + object.get(keys::kFunction))};
}

Steps drop(const Object& object, const Context& context) {
  return {drop_step(kConversion, object, context, plan::LockMode::none, "clients that rely on it get no conversion")};
}

std::string declare(const Object& object, const Catalog&) {
  return "conversion " + own_name(object) + properties_text(kConversion, object);
}

Steps rename(const ObjectId& from, const ObjectId& to, const Context&) {
  return rename_object(kConversion, from, to, plan::LockMode::none, {});
}

constexpr AttrSpec kAttributes[] = {
    {.name = kSource.name},
    {.name = kDestination.name},
    {.name = keys::kFunction.name, .expression = true},
    {.name = keys::kConversionDefault.name, .type = ValueType::boolean},
    kOwnerAttribute,
};

}  // namespace
}  // namespace conversion

constinit const KindSpec kConversion{
    .tag = {"conversion"},
    .keyword = "CONVERSION",
    .introspect = conversion::introspect,
    .attributes = conversion::kAttributes,
    .create = conversion::create,
    .drop = conversion::drop,
    .address = [](const ObjectId& id) { return support::qualified(id.path); },
    .declare = conversion::declare,
    .rename = conversion::rename,
    .joins_clauses = false,
    .used_without_privilege = true,
};

}  // namespace lockstep::kinds
