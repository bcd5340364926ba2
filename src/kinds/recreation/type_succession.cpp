#include "kinds/recreation/type_succession.h"

#include <algorithm>

#include "catalog/keys.h"
#include "kinds/columns/mapped.h"
#include "kinds/kinds_list.h"
#include "kinds/recreation/two_forms.h"
#include "kinds/values/values_tried.h"
#include "recipes/relation.h"
#include "recipes/transitional.h"
#include "support/sql_text.h"

namespace lockstep::kinds {

using recipes::Succession;
using support::qualified;
using support::quote_identifier;

namespace {

plan::Helper successor_helper(const Succession::Type& type) {
  return recipes::type_helper("successor type", type.id, type.successor);
}

plan::Helper former_helper(const Succession::Type& type) {
  return recipes::type_helper("former type", type.id, type.former);
}

std::string renaming(const Succession::Type& type, const std::string& from, const std::string& to) {
  return "ALTER TYPE " + qualified(type.id.path[0], from) + " RENAME TO " + quote_identifier(to);
}

// The column's enum. REQUIRES: it gets other values.
const ObjectId& enum_of(const Succession::Column& column, const Context& context) {
  for (const auto& edge : context.from.edges_from(*context.from.index_of(column.id))) {
    const ObjectId& used = context.from.at(edge.referenced).id;
    if (used.is(kEnum.tag)) return used;
  }
  return column.id;
}

bool has(const List& values, const std::string& value) {
  return std::find(values.begin(), values.end(), value) != values.end();
}

}  // namespace

std::set<ObjectId> succeeded_types(const recipes::Successions* successions) {
  std::set<ObjectId> types;
  if (successions == nullptr) return types;
  for (const Succession& succession : successions->all) {
    for (const auto& type : succession.types) types.insert(type.id);
  }
  return types;
}

const Succession::Type* succeeded_type(const ObjectId& type, const Context& context) {
  if (context.successions == nullptr) return nullptr;
  for (const Succession& succession : context.successions->all) {
    for (const auto& one : succession.types) {
      if (one.id == type && stands(succession, context)) return &one;
    }
  }
  return nullptr;
}

recipes::Conversion conversion_to_successor(const Succession::Column& column, const Context& context) {
  if (column.type.empty()) return recipes::conversion_of(after(column, context), context);
  const std::string value = "(" + column.convert + ")" + (column.is_array ? "::text[]::" : "::text::") + column.type;
  return {.assigned = value, .value = value, .cut = {}};
}

void turn_round(Succession::Column& back, const Succession::Column& column, const Succession& succession,
                const Context& context) {
  const ObjectId& id = enum_of(column, context);
  const auto type = std::find_if(succession.types.begin(), succession.types.end(), [&](const auto& one) { return one.id == id; });
  back.is_array = column.is_array;
  back.type = qualified(id.path[0], type->former) + (column.is_array ? "[]" : "");
  back.convert = mapped_back_text(after(column, context), id, quote_identifier(column.id.path[2]), context);
  back.again = mapped_text(before(column, context), id, quote_identifier(back.successor), context);
}

std::string lost_label(const Succession::Column& column) {
  const std::string name = quote_identifier(column.id.path[2]), old = quote_identifier(column.successor);
  return "CASE WHEN " + old + " IS NULL THEN " + name + " IS NOT NULL ELSE (" + column.again + ") IS DISTINCT FROM " + name +
         (column.is_array ? "::text[]" : "::text") + " END";
}

std::vector<plan::DataCheck> labels_tried(const Succession::Column& column, const Context& context) {
  if (!column.again.empty()) return {};  // a way back
  std::vector<plan::DataCheck> checks = values_tried(after(column, context), {enum_of(column, context)}, context);
  if (!is_mapped(column.id, context)) return checks;
  for (auto& check : recipes::mapped_rows_tried(after(column, context), context)) checks.push_back(std::move(check));
  return checks;
}

void warn_of_labels(const Succession::Column& column, const Context& context, Step& step) {
  const ObjectId& type = enum_of(column, context);
  const List kept = context.to.find(type)->get(keys::kValues);
  const auto maps = acting_maps(type, context.from, context.to, context.intents);
  std::vector<std::string> refused;
  for (const auto& value : context.from.find(type)->get(keys::kValues)) {
    const bool mapped = std::any_of(maps.begin(), maps.end(), [&](const auto& map) { return map.from == value; });
    if (!has(kept, value) && !mapped) refused.push_back(support::quote_literal(value));
  }
  if (refused.empty() || !column.again.empty()) return;
  step.consequences.push_back({"breaking", support::join(column.id.path, "."),
                               "from here on a row is refused as it is written if it has " + support::join(refused, ", ") +
                                   " in " + catalog::to_string(column.id)});
}

void create_types(const Succession& succession, const Context& context, Step& step) {
  std::vector<std::string> sql;
  std::vector<plan::Helper> helpers;
  for (const auto& type : succession.types) {
    Object object = *context.to.find(type.id);
    object.id.path.set(1, type.successor);
    for (const Step& made : kEnum.create(object, context)) sql.insert(sql.end(), made.sql.begin(), made.sql.end());
    helpers.push_back(successor_helper(type));
  }
  step.sql.insert(step.sql.begin(), sql.begin(), sql.end());
  step.helpers.insert(step.helpers.begin(), helpers.begin(), helpers.end());
}

Step set_type_aside(const Succession::Type& type) {
  Step step;
  step.title = "set the old " + catalog::to_string(type.id) + " aside";
  step.sql = {renaming(type, type.id.path[1], type.former)};
  step.phase = plan::Phase::contract;
  step.lock = plan::LockMode::access_exclusive;
  step.destroys = {type.id};
  step.helpers = {former_helper(type)};
  return step;
}

Step take_place(const Succession::Type& type) {
  Step step;
  step.title = "the new " + catalog::to_string(type.id) + " takes its place";
  step.sql = {renaming(type, type.successor, type.id.path[1])};
  step.phase = plan::Phase::contract;
  step.produces = {type.id};
  step.helpers = {recipes::taken(successor_helper(type))};
  return step;
}

Step drop_former_types(const Succession& succession) {
  Step step;
  std::vector<std::string> names;
  for (const auto& type : succession.types) {
    names.push_back(catalog::to_string(type.id));
    step.sql.push_back("DROP TYPE IF EXISTS " + qualified(type.id.path[0], type.former));
    step.helpers.push_back(recipes::taken(former_helper(type)));
  }
  step.title = "drop the old " + support::join(names, ", ");
  step.phase = plan::Phase::contract;
  return step;
}

}  // namespace lockstep::kinds
