#include "kinds/recreation/succession_warnings.h"

#include <algorithm>

#include "catalog/keys.h"
#include "kinds/columns/column_text.h"
#include "kinds/kinds_list.h"
#include "kinds/recreation/two_forms.h"
#include "kinds/recreation/type_succession.h"
#include "recipes/conversion.h"
#include "recipes/identity.h"
#include "recipes/relation.h"
#include "support/sql_text.h"

namespace lockstep::kinds {

using recipes::relation_name;
using recipes::Succession;
using support::quote_identifier;

void warn_of_conversion(const Succession::Column& column, const Context& context, Step& step) {
  if (!column.converts) return;
  if (!column.type.empty()) return warn_of_labels(column, context, step);
  const std::string name = catalog::to_string(column.id);
  for (const auto& edge : context.to.edges_from(*context.to.index_of(column.id))) {
    if (const ObjectId& id = context.to.at(edge.referenced).id; context.is_new(id)) step.consumes.push_back(id);
  }
  step.consequences.push_back({"breaking", support::join(column.id.path, "."),
                               "from here on a row is refused as it is written if its value in " + name +
                                   " can't be converted to " + after(column, context).get(keys::kType) +
                                   (after(column, context).get(keys::kNotNull) ? ", or gets none" : "") +
                                   "; the conversion runs with the rights of who writes"});
}

void warn_of_new_values(const Succession::Column& column, const Context& context, Step& step) {
  const Object &from = before(column, context), &to = after(column, context);
  if (!column.type.empty()) {
    step.consequences.push_back({"breaking", support::join(column.id.path, "."),
                                 "statements that rely on the old values of " + relation_name(column.id) + "." +
                                     quote_identifier(column.id.path[2]) + " may fail"});
    return;
  }
  step.consequences.push_back({"breaking", support::join(column.id.path, "."),
                               "statements that treat " + relation_name(column.id) + "." + quote_identifier(column.id.path[2]) +
                                   " as " + from.get(keys::kType) + " may fail"});
  auto checks = recipes::conversion_tried_again(from, to, context);
  if (!checks.empty()) checks.erase(checks.begin());  // the comparison asks that too
  for (auto& check : checks) step.checks.push_back(std::move(check));
  const auto intent = context.intents.find(column.id);
  if (intent == context.intents.end() || !intent->second.convert)
    recipes::warn_of_time_zones(step, column.id, from.get(keys::kType), to.get(keys::kType), context);
}

void warn_of_sequence(const Succession::Column& column, const Context& context, Step& step) {
  const Object &from = before(column, context), &to = after(column, context);
  if (from.get(keys::kIdentityOptions) == to.get(keys::kIdentityOptions)) return;
  step.alters.push_back(keys::kIdentityOptions.name);
  step.consequences.push_back({"breaking", support::join(column.id.path, "."),
                               "statements that use sequence " + recipes::identity_numbers(from).sequence + " by its name fail"});
}

void warn_of_order(const ObjectId& table, const Mirror::Columns& columns, const Context& context, Step& step) {
  const auto children = context.from.children(*context.from.index_of(table));
  const bool moves = std::any_of(children.begin(), children.end(), [&](const auto child) {
    const Object& other = context.from.at(child);
    const bool stays = other.id.is(kColumn.tag) &&
                       std::none_of(columns.begin(), columns.end(), [&](const auto* column) { return column->id == other.id; });
    return stays && position(other) > position(before(*columns.front(), context));
  });
  if (!moves) return;
  for (const auto* column : columns) {
    step.consequences.push_back({"breaking", support::join(column->id.path, "."),
                                 catalog::to_string(column->id) +
                                     " moves to the end of its table: INSERTs without a column list, and readers of "
                                     "SELECT * by position, meet another order"});
  }
}

}  // namespace lockstep::kinds
