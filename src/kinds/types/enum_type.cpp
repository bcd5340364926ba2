// Enums. New values are added in place; removed or reordered ones mean a new type (recreation/enum_rebuild.h).
#include <algorithm>

#include "catalog/keys.h"
#include "kinds/kinds_list.h"
#include "kinds/printing/introspect_sql.h"
#include "kinds/recreation/enum_rebuild.h"
#include "support/sql_text.h"

namespace lockstep::kinds {
namespace enum_type {
namespace {

// One step, hence one transaction, a value, because a new value can't be used in the transaction that adds it.
Steps add_values(const Object& from, const Object& to) {
  const List old = from.get(keys::kValues), wanted = to.get(keys::kValues);
  Steps steps;
  std::string before;  // the first value that exists already: new values in front of it are placed relative to it
  if (!old.empty()) before = old.front();
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    if (std::find(old.begin(), old.end(), wanted[i]) != old.end()) continue;
    std::string sql = alter(kEnum, to.id) + " ADD VALUE " + support::quote_literal(wanted[i]);
    if (i > 0) {
      sql += " AFTER " + support::quote_literal(wanted[i - 1]);
    } else if (!old.empty()) {
      sql += " BEFORE " + support::quote_literal(before);
    }
    steps.push_back(
        recipes::step_for(to, "add value " + support::quote_literal(wanted[i]) + " to " + catalog::to_string(to.id), {sql}));
  }
  if (!steps.empty()) steps.front().alters = {keys::kValues.name};  // the way back from one value takes all of them away
  return steps;
}

Steps change_values(const Change&, const Object& from, const Object& to, const Context& context) {
  if (only_adds(from, to)) return add_values(from, to);
  return rebuild_enum(from, to, context);
}

constexpr AttrSpec kAttributes[] = {
    {.name = keys::kValues.name, .type = ValueType::list, .recipe = change_values},
    kOwnerAttribute,
};

std::string introspect(int) {
  return "SELECT 'pg_type'::regclass::oid, t.oid, 0, 'pg_namespace'::regclass::oid, n.oid, 0, t.typname::text, NULL::text,"
         " ARRAY(SELECT e.enumlabel::text FROM pg_enum e WHERE e.enumtypid = t.oid ORDER BY e.enumsortorder) AS values,"
         " pg_get_userbyid(t.typowner)::text AS owner"
         " FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace WHERE t.typtype = 'e' AND " +
         user_schema("n");
}

std::string address(const ObjectId& id) {
  return support::qualified(id.path[0], id.path[1]);
}

std::string values_text(const Object& object) {
  std::vector<std::string> values;
  for (const auto& value : object.get(keys::kValues)) values.push_back(support::quote_literal(value));
  return "(" + support::join(values, ", ") + ")";
}

Steps create(const Object& object, const Context&) {
  return {recipes::step_for(object, "create " + catalog::to_string(object.id),
                            {"CREATE TYPE " + address(object.id) + " AS ENUM " + values_text(object)})};
}

std::string declare(const Object& object, const Catalog&) {
  return "enum " + support::quote_identifier(object.id.path[1]) + " " + values_text(object);
}

Steps rename(const ObjectId& from, const ObjectId& to, const Context&) {
  return rename_steps(from, to, alter(kEnum, from) + " RENAME TO " + support::quote_identifier(to.path[1]));
}

}  // namespace
}  // namespace enum_type

constinit const KindSpec kEnum{
    .tag = {"enum"},
    .keyword = "TYPE",
    .introspect = enum_type::introspect,
    .attributes = enum_type::kAttributes,
    .create = enum_type::create,
    .address = enum_type::address,
    .declare = enum_type::declare,
    .rename = enum_type::rename,
    .grant_keyword = "TYPE",
    .joins_clauses = false,
};

}  // namespace lockstep::kinds
