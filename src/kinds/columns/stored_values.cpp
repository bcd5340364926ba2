#include "kinds/columns/stored_values.h"

#include <algorithm>
#include <set>

#include "catalog/keys.h"
#include "kinds/columns/column_text.h"
#include "kinds/kinds_list.h"
#include "recipes/relation.h"
#include "recipes/row_check.h"
#include "support/sql_text.h"

namespace lockstep::kinds {
namespace {

using catalog::Edge;
using catalog::Index;

using Way = std::vector<Inward>;

Way followed_by(Way way, const Way& rest) {
  way.insert(way.end(), rest.begin(), rest.end());
  return way;
}

// Walks from a type outwards to everything that contains it.
class Outwards {
 public:
  explicit Outwards(const Catalog& catalog) : catalog_(catalog) {}

  std::vector<StoredIn> places;
  std::set<ObjectId> over;

  void walk(Index type, const Way& way) {
    const Object& object = catalog_.at(type);
    if (!open_.insert(type).second) return;
    std::set<Index> seen;
    for (const Edge& edge : catalog_.edges_to(type)) {
      if (seen.insert(edge.dependent).second) reach(edge.dependent, object, way);
    }
    open_.erase(type);
  }

 private:
  void reach(Index dependent, const Object& type, const Way& way) {
    const Object& holder = catalog_.at(dependent);
    if (holder.id.is(kColumn.tag)) {
      if (is_inherited(holder)) return;
      if (const auto into = inward(holder.get(keys::kType), type)) found_in_column(dependent, followed_by(*into, way));
    } else if (holder.id.is(kAttribute.tag)) {
      const auto into = inward(holder.get(keys::kType), type);
      if (into)
        enter(*catalog_.parent(dependent), followed_by({{Inward::Into::attribute, holder.id.path[2]}}, followed_by(*into, way)));
    } else if (holder.id.is(kDomain.tag)) {
      const auto into = inward(holder.get(keys::kType), type);
      if (into) enter(dependent, followed_by({{Inward::Into::base, {}}}, followed_by(*into, way)));
    } else if (holder.id.is(kRange.tag)) {
      const auto into = inward(holder.get(keys::kSubtype), type);
      if (into) enter(dependent, followed_by({{Inward::Into::bounds, {}}}, followed_by(*into, way)));
    }
  }

  void enter(Index type, const Way& way) {
    over.insert(catalog_.at(type).id);
    walk(type, way);
  }

  // The same for columns of the table's row type.
  void found_in_column(Index column, const Way& way) {
    const Object& object = catalog_.at(column);
    places.push_back({&object, way});
    walk(*catalog_.parent(column), followed_by({{Inward::Into::attribute, object.id.path[2]}}, way));
  }

  const Catalog& catalog_;
  std::set<Index> open_;
};

}  // namespace

// From the row's column inwards, with one level of subquery a step.
std::string values_of(const StoredIn& place) {
  const std::string column =
      support::quote_identifier(place.column->id.path[1]) + "." + support::quote_identifier(place.column->id.path[2]);
  std::string from = "(SELECT " + column + " AS lockstep_value) AS lockstep_0";
  std::string value = "lockstep_0.lockstep_value";
  int level = 0;
  const auto next = [&](const std::string& select, const std::string& where) {
    const std::string name = "lockstep_" + std::to_string(++level);
    from += ", LATERAL (SELECT " + select + " AS lockstep_value" + (where.empty() ? "" : " WHERE " + where) + ") AS " + name;
    value = name + ".lockstep_value";
  };
  for (const Inward& step : place.way) {
    switch (step.into) {
      case Inward::Into::base:
        break;
      case Inward::Into::element:
      case Inward::Into::ranges:
        next("pg_catalog.unnest(" + value + ")", "");
        break;
      case Inward::Into::attribute:
        next("(" + value + ")." + support::quote_identifier(step.name), value + " IS DISTINCT FROM NULL");
        break;
      case Inward::Into::bounds:
        next("pg_catalog.unnest(ARRAY[pg_catalog.lower(" + value + "), pg_catalog.upper(" + value + ")])", "");
        next(value, value + " IS NOT NULL");
        break;
    }
  }
  return "SELECT " + value + " AS lockstep_value FROM " + from;
}

bool StoredIn::nested() const {
  return std::any_of(way.begin(), way.end(), [](const Inward& step) { return step.into != Inward::Into::base; });
}

std::optional<Way> inward(const std::string& printed, const Object& type) {
  std::string_view text = printed;
  Way way;
  if (text.ends_with("[]")) {
    text.remove_suffix(2);
    way.push_back({Inward::Into::element, {}});
  }
  if (text == support::qualified(type.id.path)) return way;
  if (!type.id.is(kRange.tag) || text != multirange_of(type)) return std::nullopt;
  way.push_back({Inward::Into::ranges, {}});
  return way;
}

std::vector<StoredIn> stored_in(const ObjectId& type, const Catalog& catalog) {
  Outwards outwards(catalog);
  if (const auto index = catalog.index_of(type)) outwards.walk(*index, {});
  return std::move(outwards.places);
}

std::vector<ObjectId> types_over(const ObjectId& type, const Catalog& catalog) {
  Outwards outwards(catalog);
  if (const auto index = catalog.index_of(type)) outwards.walk(*index, {});
  return {outwards.over.begin(), outwards.over.end()};
}

plan::DataCheck values_check(const StoredIn& place, std::string rule, const std::string& condition, bool may_fail,
                             const Context& context) {
  return recipes::row_check(*place.column->parent, std::move(rule),
                            "EXISTS (SELECT FROM (" + values_of(place) + ") AS lockstep_values WHERE " + condition + ")",
                            may_fail, context);
}

}  // namespace lockstep::kinds
