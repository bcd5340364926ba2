// Foreign-data wrapper that belongs to no extension. Only a superuser may create one.
#include "catalog/keys.h"
#include "kinds/foreign/foreign_options.h"
#include "kinds/kinds_list.h"
#include "kinds/printing/plain_steps.h"
#include "kinds/printing/property_text.h"
#include "support/sql_text.h"

namespace lockstep::kinds {
namespace foreign_data_wrapper {
namespace {

constexpr Attr<std::string> kHandler{"handler"};
constexpr Attr<std::string> kValidator{"validator"};

std::string introspect(int) {
  return R"(SELECT 'pg_foreign_data_wrapper'::regclass::oid, w.oid, 0, NULL::oid, NULL::oid, NULL::integer, w.fdwname, NULL::text,
  CASE WHEN w.fdwhandler <> 0 THEN w.fdwhandler::regproc::text END AS handler,
  CASE WHEN w.fdwvalidator <> 0 THEN w.fdwvalidator::regproc::text END AS validator,
  )" + foreign_options_sql("w.fdwoptions") +
         " AS options,\n  " + secret_names_sql("w.fdwoptions") +
         " AS secret_options,\n  pg_get_userbyid(w.fdwowner)::text AS owner\nFROM pg_foreign_data_wrapper w";
}

std::string handler_clause(const Object& to) {
  return to.has(kHandler) ? "HANDLER " + to.get(kHandler) : "NO HANDLER";
}
std::string validator_clause(const Object& to) {
  return to.has(kValidator) ? "VALIDATOR " + to.get(kValidator) : "NO VALIDATOR";
}

Steps change_options(const Change&, const Object& from, const Object& to, const Context&) {
  return {alter_step(kForeignDataWrapper, to, "options", {foreign_options_change(kForeignDataWrapper, from, to)})};
}

Steps create(const Object& object, const Context& context) {
  std::string sql = "CREATE FOREIGN DATA WRAPPER " + own_name(object);
  if (object.has(kHandler)) sql += " HANDLER " + object.get(kHandler);
  if (object.has(kValidator)) sql += " VALIDATOR " + object.get(kValidator);
  Step step = create_step(kForeignDataWrapper, object, context, sql + foreign_options_clause(kForeignDataWrapper, object));
  step.title += left_to_others(object);
  return {std::move(step)};
}

Steps drop(const Object& object, const Context& context) {
  return {drop_step(kForeignDataWrapper, object, context, plan::LockMode::none, {})};
}

std::string declare(const Object& object, const Catalog&) {
  return "foreign data wrapper " + own_name(object) + properties_text(kForeignDataWrapper, with_secret_names(object));
}

Steps rename(const ObjectId& from, const ObjectId& to, const Context&) {
  return rename_object(kForeignDataWrapper, from, to, plan::LockMode::none, {});
}

constexpr AttrSpec kAttributes[] = {
    {.name = kHandler.name, .expression = true, .clause = handler_clause},
    {.name = kValidator.name, .expression = true, .clause = validator_clause},
    {.name = keys::kOptions.name, .type = ValueType::list, .recipe = change_options},
    kSecretOptionsAttribute,
    kOwnerAttribute,
};

}  // namespace
}  // namespace foreign_data_wrapper

constinit const KindSpec kForeignDataWrapper{
    .tag = {"foreign_data_wrapper"},
    .keyword = "FOREIGN DATA WRAPPER",
    .introspect = foreign_data_wrapper::introspect,
    .attributes = foreign_data_wrapper::kAttributes,
    .create = foreign_data_wrapper::create,
    .drop = foreign_data_wrapper::drop,
    .address = [](const ObjectId& id) { return support::quote_identifier(id.path[0]); },
    .declare = foreign_data_wrapper::declare,
    .rename = foreign_data_wrapper::rename,
    .grant_keyword = "FOREIGN DATA WRAPPER",
    .joins_clauses = false,
    .placement = Placement::database,
    .made_by = Maker::superuser,
};

}  // namespace lockstep::kinds
