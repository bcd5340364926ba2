// Extensions. Only the extension itself is managed; its members are PostgreSQL's. plpgsql belongs to every database.
//
// An extension that can't be moved to another schema is dropped and recreated there in one transaction, unless it has rows of
// its own.
#include "catalog/keys.h"
#include "kinds/kinds_list.h"
#include "kinds/printing/plain_steps.h"
#include "support/error.h"
#include "support/sql_text.h"

namespace lockstep::kinds {
namespace extension {
namespace {

constexpr Attr<bool> kRelocatable{"relocatable"}, kHoldsRows{"holds_rows"};

std::string update(const Object& to) {
  return "UPDATE TO " + support::quote_literal(to.get(keys::kVersion));
}

constexpr AttrSpec kAttributes[] = {
    {.name = keys::kSchema.name, .facet = true},
    {.name = keys::kVersion.name, .facet = true, .clause = update},
    {.name = kRelocatable.name, .type = ValueType::boolean, .derived = true},
    {.name = kHoldsRows.name, .type = ValueType::boolean, .derived = true},
    {.name = keys::kDescribed.name, .derived = true},  // the control file's comment, which applies unless another one was set
};

std::string introspect(int) {
  return "SELECT 'pg_extension'::regclass::oid, e.oid, 0, NULL::oid, NULL::oid, NULL::int, e.extname::text, NULL::text,"
         " n.nspname::text AS schema, (SELECT a.comment FROM pg_available_extensions a WHERE a.name = e.extname) AS described, "
         "e.extversion AS version, nullif(e.extrelocatable, false) AS relocatable,"
         " nullif(EXISTS (SELECT FROM pg_depend d JOIN pg_class c ON c.oid = d.objid WHERE d.refclassid = "
         "'pg_extension'::regclass"
         "  AND d.refobjid = e.oid AND d.deptype = 'e' AND d.classid = 'pg_class'::regclass AND c.relkind IN ('r', 'p', 'm')), "
         "false)"
         " AS holds_rows"
         " FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace WHERE e.extname <> 'plpgsql'";
}

std::string address(const ObjectId& id) {
  return support::quote_identifier(id.path[0]);
}

// Whether the schema is the same, or PostgreSQL can move the extension.
bool replaceable(const Object& from, const Object& to) {
  return from.get(kRelocatable) || from.get(keys::kSchema) == to.get(keys::kSchema);
}

std::string moved(const Object& object) {
  return "statements that name what extension " + object.id.path[0] + " brings by its former schema fail";
}

Steps create(const Object& object, const Context& context) {
  if (stands(object.id, context)) {
    Step step = recipes::step_for(
        object, "move " + catalog::to_string(object.id) + " to schema " + object.get(keys::kSchema),
        {"ALTER EXTENSION " + address(object.id) + " SET SCHEMA " + support::quote_identifier(object.get(keys::kSchema))});
    step.phase = plan::Phase::contract;
    step.breaking = moved(object);
    return {std::move(step)};
  }
  std::string sql = "CREATE EXTENSION " + address(object.id);
  if (object.has(keys::kSchema)) sql += " SCHEMA " + support::quote_identifier(object.get(keys::kSchema));
  if (object.has(keys::kVersion)) sql += " VERSION " + support::quote_literal(object.get(keys::kVersion));
  Step step = recipes::step_for(object, "create " + catalog::to_string(object.id), {sql});
  // Without SCHEMA the control file decides, or else the search_path: public, as in a session without settings.
  step.search_path = {object.has(keys::kSchema) ? object.get(keys::kSchema) : "public"};
  if (context.from.contains(object.id)) {  // recreated elsewhere: the grants on its members are granted again
    step.breaking = moved(object);
    step.phase = plan::Phase::contract;
    for (const Object& other : context.to.objects()) {
      const bool ours = other.id.is(kExtensionPrivileges.tag) && other.get(keys::kExtension) == object.id.path[0];
      if (ours && context.from.contains(other.id)) step.sql.push_back(other.get(keys::kDefinition));
    }
  }
  return {step};
}

Steps drop(const Object& object, const Context& context) {
  if (const Object* wanted = context.to.find(object.id); wanted != nullptr && object.get(kHoldsRows)) {
    throw support::RefusedError(catalog::to_string(object.id) + " can't be moved to schema " + wanted->get(keys::kSchema) +
                                ": PostgreSQL can't move it, and recreating it would lose the rows of its own tables.\nNothing "
                                "was changed. Leave its schema "
                                "as it is, or save its rows and recreate it by hand.");
  }
  Step step = drop_step(kExtension, object, context, plan::LockMode::access_exclusive,
                        "statements that use what " + catalog::to_string(object.id) + " brings fail");
  return {std::move(step)};
}

std::string declare(const Object& object, const Catalog&) {
  std::string text = "extension " + address(object.id);
  if (object.has(keys::kSchema)) text += " schema " + support::quote_identifier(object.get(keys::kSchema));
  if (object.has(keys::kVersion)) text += " version " + support::quote_literal(object.get(keys::kVersion));
  return text;
}

std::vector<ObjectId> uses(const Object& object, const Catalog&) {
  return {ObjectId{&kSchema.tag, {object.has(keys::kSchema) ? object.get(keys::kSchema) : "public"}}};
}

}  // namespace
}  // namespace extension

constinit const KindSpec kExtension{
    .tag = {"extension"},
    .keyword = "EXTENSION",
    .introspect = extension::introspect,
    .attributes = extension::kAttributes,
    .create = extension::create,
    .drop = extension::drop,
    .address = extension::address,
    .declare = extension::declare,
    .replaceable = extension::replaceable,
    .uses = extension::uses,
    .joins_clauses = false,
    .drop_hazard = "drop-object",
    .placement = Placement::database,
    .made_by = Maker::superuser,
    .reaches_unnamed = true,
};

}  // namespace lockstep::kinds
