#include "kinds/values/values_tried.h"

#include <algorithm>

#include "catalog/keys.h"
#include "kinds/columns/mapped.h"
#include "kinds/columns/stored_values.h"
#include "kinds/kinds_list.h"
#include "kinds/types/composite_parts.h"
#include "recipes/change_column.h"
#include "recipes/conversion.h"
#include "recipes/relation.h"
#include "support/sql_text.h"

namespace lockstep::kinds {
namespace {

using support::quote_identifier;
using support::quote_literal;

const std::string kValue = "lockstep_value";

std::string breaks(const Object& constraint, const std::string& value) {
  return "EXISTS (SELECT FROM (SELECT " + value + ") AS lockstep_domain (value) WHERE NOT (" + constraint.get(keys::kExpression) +
         "))";
}

bool is_valid(const Object& constraint) {
  return !constraint.has(keys::kValid) || constraint.get(keys::kValid);
}

class Trial {
 public:
  Trial(const Object& column, const std::set<ObjectId>& types, const Context& context)
      : column_(column), types_(types), context_(context) {}

  std::vector<plan::DataCheck> run() {
    for (const ObjectId& id : types_) {
      const Object *from = context_.from.find(id), *to = context_.to.find(id);
      if (from == nullptr || to == nullptr) continue;
      for (const StoredIn& place : stored_in(id, context_.from)) {
        if (place.column->id == column_.id) look(*from, *to, place);
      }
    }
    return std::move(checks_);
  }

 private:
  void look(const Object& from, const Object& to, const StoredIn& place) {
    if (from.id.is(kDomain.tag)) domain(from, to, place);
    if (from.id.is(kComposite.tag)) composite(from, place);
    if (from.id.is(kRange.tag) && from.get(keys::kSubtype) != to.get(keys::kSubtype)) range(from, to, place);
    if (from.id.is(kEnum.tag)) labels(from, to, place);
  }

  void domain(const Object& from, const Object& to, const StoredIn& place) {
    const std::string old = from.get(keys::kType), type = to.get(keys::kType);
    const bool retyped = old != type;
    const std::string value = retyped ? kValue + (place.nested() ? "::text::" : "::") + type : kValue;
    if (retyped && known(type)) {
      ask(place, "every value of " + catalog::to_string(from.id) + " in " + shown() + " becomes " + type + " and back",
          recipes::differs("(" + value + ")::" + old, kValue + "::" + old, old), true);
    }
    if (to.get(keys::kNotNull) && !from.get(keys::kNotNull)) {
      ask(place, "no value of " + catalog::to_string(from.id) + " in " + shown() + " is null",
          kValue + " IS NOT DISTINCT FROM NULL", false);
    }
    for (const auto child : context_.to.children(*context_.to.index_of(to.id))) {
      const Object& constraint = context_.to.at(child);
      if (!constraint.id.is(kDomainConstraint.tag) || !is_valid(constraint) || !known(type)) continue;
      const Object* before = context_.from.find(constraint.id);
      const bool same =
          before != nullptr && is_valid(*before) && before->get(keys::kExpression) == constraint.get(keys::kExpression);
      if ((!same || retyped) && stands(constraint)) obeys(place, constraint, value, retyped);
    }
  }

  // Whether what the check calls exists before the plan.
  bool stands(const Object& constraint) const {
    const auto& edges = context_.to.edges_from(*context_.to.index_of(constraint.id));
    return std::none_of(edges.begin(), edges.end(), [&](const auto& edge) {
      const ObjectId& used = context_.to.at(edge.referenced).id;
      return used != *constraint.parent && context_.is_new(used);
    });
  }

  void obeys(const StoredIn& place, const Object& constraint, const std::string& value, bool may_fail) {
    ask(place, "every value in " + shown() + " obeys " + catalog::to_string(constraint.id), breaks(constraint, value), may_fail);
  }

  void composite(const Object& from, const StoredIn& place) {
    for (const Object* attribute : attributes_of(from.id, context_.from)) {
      const Object* after = context_.to.find(attribute->id);
      if (after == nullptr || after->get(keys::kType) == attribute->get(keys::kType) || !known(after->get(keys::kType))) continue;
      const std::string value = "(" + kValue + ")." + quote_identifier(attribute->id.path[2]), old = attribute->get(keys::kType);
      ask(place,
          "every " + catalog::to_string(attribute->id) + " in " + shown() + " becomes " + after->get(keys::kType) + " and back",
          recipes::differs("(" + value + "::text::" + after->get(keys::kType) + ")::" + old, value, old), true);
    }
  }

  void range(const Object& from, const Object& to, const StoredIn& place) {
    const std::string old = from.get(keys::kSubtype), type = to.get(keys::kSubtype);
    if (!known(type)) return;
    std::vector<std::string> either;
    for (const char* bound : {"pg_catalog.lower(", "pg_catalog.upper("}) {
      const std::string value = bound + kValue + ")";
      either.push_back(recipes::differs("(" + value + "::text::" + type + ")::" + old, value, old));
    }
    ask(place, "every bound of " + catalog::to_string(from.id) + " in " + shown() + " becomes " + type + " and back",
        support::join(either, " OR "), true);
  }

  void labels(const Object& from, const Object& to, const StoredIn& place) {
    const List kept = to.get(keys::kValues);
    const auto maps = acting_maps(from.id, context_.from, context_.to, context_.intents);
    const bool mapped = is_mapped(column_.id, context_);
    std::vector<std::string> gone;
    for (const auto& label : from.get(keys::kValues)) {
      const bool becomes = mapped && std::any_of(maps.begin(), maps.end(), [&](const auto& map) { return map.from == label; });
      if (!becomes && std::find(kept.begin(), kept.end(), label) == kept.end()) gone.push_back(quote_literal(label));
    }
    if (gone.empty()) return;
    const std::string list = support::join(gone, ", ");
    const std::string why = maps.empty() || mapped ? "" : ", since its map reaches no value inside " + column_.get(keys::kType);
    ask(place, "no value of " + catalog::to_string(from.id) + " in " + shown() + " is " + list + why,
        kValue + "::text IN (" + list + ")", false);
  }

  // Whether the type exists in its final form before the plan: a built-in type, or one that doesn't change. Otherwise the step
  // itself finds values that don't fit, and rolls back.
  bool known(const std::string& printed) const {
    const auto is_named = [&](const ObjectId& id) {
      const bool type = id.is(kDomain.tag) || id.is(kComposite.tag) || id.is(kRange.tag) || id.is(kEnum.tag);
      return type && (printed == support::qualified(id.path) || printed == support::qualified(id.path) + "[]");
    };
    return std::none_of(context_.to.objects().begin(), context_.to.objects().end(), [&](const Object& object) {
      return is_named(object.id) && (!context_.from.contains(object.id) || types_.contains(object.id));
    });
  }

  std::string shown() const { return support::qualified(column_.id.path); }

  void ask(const StoredIn& place, std::string rule, const std::string& condition, bool may_fail) {
    checks_.push_back(values_check(place, std::move(rule), condition, may_fail, context_));
  }

  const Object& column_;
  const std::set<ObjectId>& types_;
  const Context& context_;
  std::vector<plan::DataCheck> checks_;
};

plan::Loss loss_of(const Object& attribute, const Object& column, const Context& context) {
  const ObjectId& table = *column.parent;
  return {
      .hazard = "drop-object",
      .object = support::join(attribute.id.path, "."),
      .what = catalog::to_string(attribute.id) + " and its values in " + support::qualified(column.id.path),
      .relation = support::qualified(table.path),
      .query = "SELECT " + recipes::saved_columns(context, table, column.id.path[2]) + " FROM " + support::qualified(table.path)};
}

}  // namespace

std::vector<plan::DataCheck> values_tried(const Object& column, const std::set<ObjectId>& types, const Context& context) {
  return Trial(column, types, context).run();
}

std::vector<plan::Loss> values_lost(const Object& column, const std::set<ObjectId>& types, const Context& context) {
  std::vector<plan::Loss> losses;
  for (const ObjectId& type : types) {
    for (const Object* attribute : attributes_of(type, context.from)) {
      if (context.to.contains(attribute->id)) continue;
      const auto places = stored_in(type, context.from);
      const bool here =
          std::any_of(places.begin(), places.end(), [&](const auto& place) { return place.column->id == column.id; });
      if (here) losses.push_back(loss_of(*attribute, column, context));
    }
  }
  return losses;
}

std::vector<plan::Loss> values_lost(const Object& attribute, const Context& context) {
  std::vector<plan::Loss> losses;
  std::set<ObjectId> seen;
  for (const StoredIn& place : stored_in(*attribute.parent, context.from)) {
    if (seen.insert(place.column->id).second) losses.push_back(loss_of(attribute, *place.column, context));
  }
  return losses;
}

std::vector<plan::DataCheck> values_obey(const Object& constraint, const Context& context) {
  std::vector<plan::DataCheck> checks;
  for (const StoredIn& place : stored_in(*constraint.parent, context.from)) {
    const auto& edges = context.to.edges_from(*context.to.index_of(constraint.id));
    const bool stands = std::none_of(edges.begin(), edges.end(),
                                     [&](const auto& edge) { return context.is_new(context.to.at(edge.referenced).id); });
    if (!stands || !context.online(*place.column->parent)) continue;
    checks.push_back(values_check(
        place, "every value in " + support::qualified(place.column->id.path) + " obeys " + catalog::to_string(constraint.id),
        breaks(constraint, kValue), false, context));
  }
  return checks;
}

}  // namespace lockstep::kinds
