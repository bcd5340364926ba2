// Attributes of composite types. PostgreSQL refuses to change an attribute's type if a column of the composite is stored.
#include <algorithm>

#include "catalog/keys.h"
#include "kinds/kinds_list.h"
#include "kinds/printing/introspect_sql.h"
#include "kinds/types/composite_parts.h"
#include "kinds/values/values_tried.h"
#include "support/sql_text.h"

namespace lockstep::kinds {
namespace composite_attribute {
namespace {

std::string alter_type(const ObjectId& id) {
  return "ALTER TYPE " + support::qualified(id.path[0], id.path[1]) + " ";
}
std::string name(const ObjectId& id) {
  return support::quote_identifier(id.path[2]);
}

Steps retype(const Change&, const Object&, const Object& to, const Context&) {
  std::string sql = alter_type(to.id) + "ALTER ATTRIBUTE " + name(to.id) + " TYPE " + to.get(keys::kType);
  if (to.has(keys::kCollation)) sql += " COLLATE " + to.get(keys::kCollation);
  Step step = recipes::step_for(to, "change the type of " + catalog::to_string(to.id), {sql});
  step.phase = plan::Phase::contract;
  step.lock = plan::LockMode::access_exclusive;  // on the composite, which is a relation too
  step.breaking = "statements that rely on the old type of " + catalog::to_string(to.id) + " may fail";
  return {std::move(step)};
}

constexpr AttrSpec kAttributes[] = {
    {.name = keys::kType.name, .expression = true, .recipe = retype, .rebuilds_dependents = true},
    {.name = keys::kCollation.name, .recipe = retype, .rebuilds_dependents = true},
    {.name = keys::kPosition.name, .type = ValueType::integer, .derived = true},
};

std::string introspect(int) {
  return "SELECT 'pg_class'::regclass::oid, c.oid, a.attnum::int, 'pg_type'::regclass::oid, c.reltype, 0, a.attname::text, "
         "NULL::text,"
         " format_type(a.atttypid, a.atttypmod) AS type,"
         " CASE WHEN a.attcollation <> t.typcollation THEN (SELECT quote_ident(cn.nspname) || '.' || quote_ident(l.collname)"
         "  FROM pg_collation l JOIN pg_namespace cn ON cn.oid = l.collnamespace WHERE l.oid = a.attcollation) END AS collation,"
         " a.attnum::bigint AS position"
         " FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace"
         " JOIN pg_type t ON t.oid = a.atttypid WHERE c.relkind = 'c' AND a.attnum > 0 AND NOT a.attisdropped AND " +
         user_schema("n");
}

std::string address(const ObjectId& id) {
  return support::qualified(id.path);
}

Steps create(const Object& object, const Context&) {
  Step step = recipes::step_for(object, "add " + catalog::to_string(object.id),
                                {alter_type(object.id) + "ADD ATTRIBUTE " + attribute_text(object, "COLLATE")});
  step.lock = plan::LockMode::access_exclusive;
  return {std::move(step)};
}

Steps drop(const Object& object, const Context& context) {
  Step step;
  step.phase = plan::Phase::contract;
  step.title = "drop " + catalog::to_string(object.id);
  step.lock = plan::LockMode::access_exclusive;
  step.sql = {alter_type(object.id) + "DROP ATTRIBUTE " + name(object.id)};
  step.destroys = {object.id};
  step.breaking = "statements that use " + catalog::to_string(object.id) + " fail";
  step.losses = values_lost(object, context);
  return {std::move(step)};
}

Steps rename(const ObjectId& from, const ObjectId& to, const Context&) {
  return rename_steps(from, to, alter_type(from) + "RENAME ATTRIBUTE " + name(from) + " TO " + name(to));
}

}  // namespace
}  // namespace composite_attribute

std::vector<const Object*> attributes_of(const ObjectId& composite, const Catalog& catalog) {
  std::vector<const Object*> list;
  if (const auto index = catalog.index_of(composite)) {
    for (const auto child : catalog.children(*index)) {
      if (catalog.at(child).id.is(kAttribute.tag)) list.push_back(&catalog.at(child));
    }
  }
  std::stable_sort(list.begin(), list.end(),
                   [](const Object* a, const Object* b) { return a->get(keys::kPosition) < b->get(keys::kPosition); });
  return list;
}

std::string attribute_text(const Object& attribute, std::string_view collate) {
  std::string text = composite_attribute::name(attribute.id) + " " + attribute.get(keys::kType);
  if (attribute.has(keys::kCollation)) text += " " + std::string(collate) + " " + attribute.get(keys::kCollation);
  return text;
}

constinit const KindSpec kAttribute{
    .tag = {"attribute"},
    .keyword = "COLUMN",
    .introspect = composite_attribute::introspect,
    .attributes = composite_attribute::kAttributes,
    .create = composite_attribute::create,
    .drop = composite_attribute::drop,
    .address = composite_attribute::address,
    .rename = composite_attribute::rename,
    .drop_hazard = "drop-object",
    .made_with_parent = true,
};

}  // namespace lockstep::kinds
