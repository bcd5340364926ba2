#include "kinds/columns/carried.h"

#include <fmt/format.h>

#include <algorithm>

#include "catalog/changes.h"
#include "catalog/keys.h"
#include "kinds/columns/mapped.h"
#include "kinds/columns/stored_values.h"
#include "kinds/kinds_list.h"
#include "kinds/recreation/enum_rebuild.h"
#include "kinds/recreation/recreated_types.h"
#include "kinds/registry.h"
#include "kinds/values/values_tried.h"
#include "plan/values.h"
#include "recipes/conversion.h"
#include "recipes/null_test.h"
#include "recipes/relation.h"
#include "recipes/row_check.h"
#include "support/error.h"
#include "support/sql_text.h"

namespace lockstep::kinds {
namespace {

using support::quote_identifier;
using support::quote_literal;

const catalog::Intent* intent_of(const ObjectId& column, const Context& context) {
  const auto found = context.intents.find(column);
  return found == context.intents.end() || !found->second.convert ? nullptr : &found->second;
}

// The column's type, or that of its elements, after the plan, if it is one of these; nullptr: the column has another type that
// contains it.
const Object* own_type(const Object& column, const std::set<ObjectId>& types, const Catalog& to, bool& array) {
  for (const ObjectId& id : types) {
    const Object* type = to.find(id);
    const auto way = type == nullptr ? std::nullopt : inward(column.get(keys::kType), *type);
    if (!way || way->size() > 1) continue;
    array = !way->empty();
    if (!array || way->front().into == Inward::Into::element) return type;
  }
  return nullptr;
}

// Whether the plan doesn't create the type.
bool stands(const std::string& printed, const std::set<ObjectId>& types, const Catalog& to) {
  return std::none_of(types.begin(), types.end(), [&](const ObjectId& id) {
    const Object* type = to.find(id);
    return type != nullptr && inward(printed, *type);
  });
}

class Asking {
 public:
  Asking(const Object& column, const std::set<ObjectId>& types, const Context& context)
      : column_(column), types_(types), context_(context), type_(own_type(column, types, context.to, array_)) {}

  // Whether all of it can be checked before the step.
  bool complete() const { return intent_of(column_.id, context_)->convert_before && known(); }

  std::vector<plan::DataCheck> run() {
    const auto* intent = intent_of(column_.id, context_);
    if (!intent->convert_before) return {};
    expression_ = "(" + *intent->convert_before + ")";
    if (type_ != nullptr && type_->id.is(kEnum.tag)) {
      labels();
    } else if (type_ != nullptr && type_->id.is(kDomain.tag) && known()) {
      domain();
    } else {
      ask("convert using can be computed for " + shown() + " in every row", "pg_catalog.num_nulls(" + expression_ + ") < 0");
    }
    if (column_.get(keys::kNotNull))
      ask("convert using leaves no row without a value in " + shown(), recipes::is_null(expression_, column_.get(keys::kType)));
    return std::move(checks_);
  }

 private:
  bool known() const {
    if (type_ == nullptr) return false;
    return type_->id.is(kEnum.tag) || (type_->id.is(kDomain.tag) && stands(type_->get(keys::kType), types_, context_.to));
  }

  std::string shown() const { return support::qualified(column_.id.path); }

  void ask(std::string rule, const std::string& condition) {
    checks_.push_back(recipes::row_check(*column_.parent, std::move(rule), condition, true, context_));
  }

  void labels() {
    std::vector<std::string> labels;
    for (const auto& label : type_->get(keys::kValues)) labels.push_back(quote_literal(label));
    const std::string list = support::join(labels, ", "), rule = "convert using gives " + shown() + " one of " + list;
    if (labels.empty()) return ask(rule, expression_ + " IS NOT NULL");
    if (!array_) return ask(rule, expression_ + "::text NOT IN (" + list + ")");
    ask(rule, "EXISTS (SELECT FROM pg_catalog.unnest(" + expression_ +
                  "::text[]) AS lockstep_label (value) WHERE value NOT IN (" + list + "))");
  }

  void domain() {
    const std::string base = type_->get(keys::kType) + (array_ ? "[]" : ""), value = expression_ + "::" + base;
    const std::string text =
        recipes::is_cut_by(base) ? recipes::cut(expression_, value, base) : "pg_catalog.num_nulls(" + value + ") < 0";
    ask("convert using gives " + shown() + " a value of " + base + " in every row", text);
    const auto each = [&](const std::string& condition) {  // true for a value that breaks a rule
      return "EXISTS (SELECT FROM (SELECT " + (array_ ? "pg_catalog.unnest(" + value + ")" : value) +
             ") AS lockstep_domain (value) WHERE " + condition + ")";
    };
    const std::string name = catalog::to_string(type_->id);
    if (type_->get(keys::kNotNull))
      ask("convert using gives " + shown() + " no null, which " + name + " refuses", each("value IS NULL"));
    for (const auto child : context_.to.children(*context_.to.index_of(type_->id))) {
      const Object& constraint = context_.to.at(child);
      const bool valid = !constraint.has(keys::kValid) || constraint.get(keys::kValid);
      if (!constraint.id.is(kDomainConstraint.tag) || !valid || !calls_existing(constraint)) continue;
      ask("what convert using gives " + shown() + " obeys " + catalog::to_string(constraint.id),
          each("NOT (" + constraint.get(keys::kExpression) + ")"));
    }
  }

  // Whether what the rule calls exists before the plan.
  bool calls_existing(const Object& constraint) const {
    const auto& edges = context_.to.edges_from(*context_.to.index_of(constraint.id));
    return std::none_of(edges.begin(), edges.end(), [&](const auto& edge) {
      const ObjectId& used = context_.to.at(edge.referenced).id;
      return used != *constraint.parent && context_.is_new(used);
    });
  }

  const Object& column_;
  const std::set<ObjectId>& types_;
  const Context& context_;
  bool array_ = false;
  const Object* type_;
  std::string expression_;
  std::vector<plan::DataCheck> checks_;
};

}  // namespace

Carried carried_over(const std::vector<Change>& changed, const Catalog& from, const Catalog& to) {
  Carried carried{.types = recreated_types(changed, from, to), .columns = {}};
  for (const Change& change : changed) {
    const bool set = change.what == Change::What::set && change.id.is(kEnum.tag) && changes(change, keys::kValues.name);
    if (set && !only_adds(*from.find(change.id), *to.find(change.id))) carried.types.insert(change.id);
  }
  carried.columns = columns_carried(carried.types, from, to);
  for (const Change& change : changed) {
    if (change.what == Change::What::set && changes(change, keys::kType.name)) carried.columns.erase(change.id);
  }
  return carried;
}

std::string aside_name(const Object& type) {
  return recipes::short_name(type.id.path[1] + "_lockstep_old");
}

std::vector<std::string> set_types_aside(const std::set<ObjectId>& types, const Catalog& from) {
  std::vector<std::string> sql;
  for (const ObjectId& id : types) {
    sql.push_back(std::string(id.is(kDomain.tag) ? "ALTER DOMAIN " : "ALTER TYPE ") + support::qualified(id.path) +
                  " RENAME TO " + quote_identifier(aside_name(*from.find(id))));
  }
  return sql;
}

std::string readable_type(const Object& column, const std::set<ObjectId>& types, const Catalog& to) {
  bool array = false;
  const Object* type = own_type(column, types, to, array);
  if (type == nullptr) return column.get(keys::kType);
  if (type->id.is(kEnum.tag)) return array ? "text[]" : "text";
  const bool base = type->id.is(kDomain.tag) && stands(type->get(keys::kType), types, to);
  return base ? type->get(keys::kType) + (array ? "[]" : "") : column.get(keys::kType);
}

bool has_convert(const ObjectId& column, const Context& context) {
  return intent_of(column, context) != nullptr;
}

std::string converting(const Object& column, const std::set<ObjectId>& types, const Context& context) {
  for (const ObjectId& id : types) {
    if (!id.is(kRange.tag)) continue;
    throw support::RefusedError(
        catalog::to_string(column.id) + " says convert using, and " + catalog::to_string(id) +
        " must be recreated in this plan: its columns are text in between, and the expression can't use the old values.\n"
        "Nothing was changed. Convert the column to another type in an earlier apply, or remove convert using.");
  }
  bool array = false;
  const Object* type = own_type(column, types, context.to, array);
  const std::string text = "(" + *intent_of(column.id, context)->convert + ")";
  if (type == nullptr || !type->id.is(kEnum.tag)) return " USING " + text;
  return " USING " + text + (array ? "::text[]::" : "::text::") + column.get(keys::kType);
}

void say_converted(Step& step, const Object& column, const std::set<ObjectId>& types, const Context& context) {
  step.converts = true;
  if (!context.online(*column.parent)) return;
  const bool mapped = is_mapped(column.id, context);
  const auto add = [&](std::vector<plan::DataCheck> checks) {
    for (auto& check : checks) step.checks.push_back(std::move(check));
  };
  add(mapped ? values_tried(column, types, context) : Asking(column, types, context).run());
  add(mapped ? recipes::mapped_rows_tried(column, context) : recipes::carried_rows_tried(column, context));
  const std::string name = support::qualified(column.id.path), table = support::qualified(column.parent->path);
  step.losses.push_back(
      {.hazard = "lossy-type",
       .object = support::join(column.id.path, "."),
       .what = "the values of " + name + " as they are, which " + (mapped ? "map" : "convert using") + " replaces",
       .relation = table,
       .query = "SELECT " +
                (mapped ? mapped_saving(column, context) : recipes::saved_columns(context, *column.parent, column.id.path[2])) +
                " FROM " + table});
}

std::string how_converted(const Object& column, const std::set<ObjectId>& types, const Context& context) {
  const auto* intent = intent_of(column.id, context);
  if (intent->mapped) return fmt::format("{}: {}; the old values are saved", plan::kByMap, *intent->mapped);
  const bool complete = Asking(column, types, context).complete();
  return fmt::format(
      "{} ({}){}; the old values are saved", plan::kByExpression, intent->convert_before.value_or(*intent->convert),
      complete ? ", tried on the rows first" : "; what doesn't fit is found in the step, which undoes itself then");
}

}  // namespace lockstep::kinds
