// Composite types, created with their attributes in one statement.
#include <algorithm>

#include "catalog/keys.h"
#include "kinds/kinds_list.h"
#include "kinds/printing/declared_inline.h"
#include "kinds/printing/introspect_sql.h"
#include "kinds/types/composite_parts.h"
#include "support/sql_text.h"

namespace lockstep::kinds {
namespace composite {
namespace {

// PostgreSQL can only append an attribute or drop one; any other order needs a new type. See recreated_types.h.
Steps reorder(const Change&, const Object&, const Object&, const Context&) {
  return {};
}

constexpr AttrSpec kAttributes[] = {
    {.name = keys::kAttributeOrder.name, .type = ValueType::list, .recipe = reorder},
    kOwnerAttribute,
};

std::string introspect(int) {
  return "SELECT 'pg_type'::regclass::oid, t.oid, 0, 'pg_namespace'::regclass::oid, n.oid, 0, t.typname::text, NULL::text,"
         " ARRAY(SELECT a.attname::text FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped"
         "  ORDER BY a.attnum) AS attribute_order,"
         " pg_get_userbyid(t.typowner)::text AS owner FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace"
         " JOIN pg_class c ON c.oid = t.typrelid WHERE t.typtype = 'c' AND c.relkind = 'c' AND " +
         user_schema("n");
}

std::string address(const ObjectId& id) {
  return support::qualified(id.path[0], id.path[1]);
}

Steps create(const Object& object, const Context& context) {
  std::vector<std::string> parts;
  Step step = recipes::step_for(object, "create " + catalog::to_string(object.id), {});
  for (const Object* attribute : attributes_of(object.id, context.to)) {
    parts.push_back(attribute_text(*attribute, "COLLATE"));
    step.produces.push_back(attribute->id);
  }
  step.sql = {"CREATE TYPE " + address(object.id) + " AS (" + support::join(parts, ", ") + ")"};
  return {std::move(step)};
}

// An attribute has no block of its own, so its comment and labels are inline.
std::string declare_attribute(const Object& attribute, const Catalog& catalog) {
  return attribute_text(attribute, "collate") + declared_inline(attribute.id, catalog);
}

std::string declare(const Object& object, const Catalog& catalog) {
  std::vector<std::string> parts;
  for (const Object* attribute : attributes_of(object.id, catalog)) parts.push_back(declare_attribute(*attribute, catalog));
  return "composite " + support::quote_identifier(object.id.path[1]) + " (" + support::join(parts, ", ") + ")";
}

Steps rename(const ObjectId& from, const ObjectId& to, const Context&) {
  return rename_steps(from, to, alter(kComposite, from) + " RENAME TO " + support::quote_identifier(to.path[1]));
}

}  // namespace
}  // namespace composite

bool reordered(const Object& from, const Object& to) {
  const List before = from.get(keys::kAttributeOrder), after = to.get(keys::kAttributeOrder);
  List stays;
  for (const auto& name : before) {
    if (std::find(after.begin(), after.end(), name) != after.end()) stays.push_back(name);
  }
  return stays.size() > after.size() || !std::equal(stays.begin(), stays.end(), after.begin());
}

constinit const KindSpec kComposite{
    .tag = {"composite"},
    .keyword = "TYPE",
    .introspect = composite::introspect,
    .attributes = composite::kAttributes,
    .create = composite::create,
    .address = composite::address,
    .declare = composite::declare,
    .rename = composite::rename,
    .grant_keyword = "TYPE",
    .joins_clauses = false,
    .name_scope = NameScope::relations,
};

}  // namespace lockstep::kinds
