#include "kinds/inheritance/columns_between.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "catalog/keys.h"
#include "kinds/columns/column_text.h"
#include "kinds/kinds_list.h"
#include "recipes/descendants.h"
#include "recipes/relation.h"

namespace lockstep::kinds {
namespace {

using recipes::ColumnState;

constexpr std::string_view kSettings[] = {keys::kDefault.name,     keys::kNotNull.name,    keys::kStorage.name,
                                          keys::kCompression.name, keys::kStatistics.name, keys::kOptions.name};

ObjectId column_of(const ObjectId& id) {
  return {&kColumn.tag, id.path};
}
ObjectId default_of(const ObjectId& column) {
  return {&kDefault.tag, column.path};
}
ObjectId override_of(const ObjectId& column) {
  return {&kOverride.tag, column.path};
}
ObjectId same_name(const ObjectId& table, const ObjectId& column) {
  return {&kColumn.tag, {table.path[0], table.path[1], column.path[2]}};
}

void take(ColumnState& state, std::string_view setting, const ColumnState& from) {
  if (setting == keys::kDefault.name) state.value = from.value;
  if (setting == keys::kNotNull.name) state.not_null = from.not_null;
  if (setting == keys::kStorage.name) state.storage = from.storage;
  if (setting == keys::kCompression.name) state.compression = from.compression;
  if (setting == keys::kStatistics.name) state.statistics = from.statistics;
  if (setting == keys::kOptions.name) state.options = from.options;
}

void say(Object& object, const ColumnState& state) {
  const auto text = [](const std::string& value) { return value.empty() ? catalog::Value() : catalog::Value(value); };
  object.set(keys::kNotNull.name, state.not_null ? catalog::Value(true) : catalog::Value());
  object.set(keys::kStorage.name, text(state.storage));
  object.set(keys::kCompression.name, text(state.compression));
  object.set(keys::kStatistics.name, state.statistics ? catalog::Value(*state.statistics) : catalog::Value());
  object.set(keys::kOptions.name, state.options.empty() ? catalog::Value() : catalog::Value(state.options));
}

// Only what differs from what the parents give (override.cpp).
std::optional<Object> said_beside(const ObjectId& column, ColumnState own, const ColumnState& given) {
  constexpr const char* kUsualStorage = "extended";
  if (own.not_null && given.not_null) own.not_null = false;
  if (own.storage == given.storage) {
    own.storage.clear();
  } else if (own.storage.empty()) {
    own.storage = kUsualStorage;
  }
  if (own.compression == given.compression) own.compression.clear();
  if (own.statistics == given.statistics) own.statistics.reset();
  Object object;
  object.id = override_of(column);
  object.parent = column;
  say(object, own);
  if (own.value != given.value) {
    if (own.value.empty()) {
      object.set(keys::kNoDefault.name, true);
    } else {
      object.set(keys::kDefault.name, own.value);
    }
  }
  return object.attributes.empty() ? std::nullopt : std::optional(std::move(object));
}

using Told = std::map<ObjectId, Object>;

bool equal(const Told& a, const Told& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const auto& one, const auto& other) {
    return one.first == other.first && one.second.attributes == other.second.attributes;
  });
}

class Follower {
 public:
  Follower(const Catalog& from, const Catalog& to, const Moments& moments) : from_(from), to_(to), moments_(moments) {}

  void follow(const ObjectId& column, Between& between) const {
    Told before = told(column, std::nullopt);
    std::vector<std::pair<std::size_t, Told>> changes;
    for (const std::size_t step : steps_of(column)) {
      Told now = told(column, step);
      if (equal(now, before)) continue;
      changes.emplace_back(step, now);
      before = std::move(now);
    }
    if (changes.empty()) return;
    for (const ObjectId& id : {column, default_of(column), override_of(column)}) {
      auto& entries = between[id];
      for (const auto& [step, objects] : changes) {
        const auto found = objects.find(id);
        entries[step] = found == objects.end() ? std::nullopt : std::optional(found->second);
      }
      const Object* last = to_.find(id);  // as it was read, not as it was made up here
      entries.rbegin()->second = last == nullptr ? std::nullopt : std::optional(*last);
    }
  }

 private:
  using Moment = std::optional<std::size_t>;  // after that step; absent: before the first one

  std::vector<ObjectId> parents(const Catalog& side, const ObjectId& column) const {
    return recipes::parents_of(side, recipes::relation_of(column));
  }
  // The step by which the table gets its new parents; absent: they stay.
  std::optional<std::size_t> moves(const ObjectId& column) const {
    const ObjectId table = recipes::relation_of(column);
    if (parents(from_, column) == parents(to_, column)) return std::nullopt;
    for (const std::string_view attribute : {keys::kPartitionOf.name, keys::kInherits.name}) {
      if (const auto step = moments_.changed(table, attribute)) return step;
    }
    return std::nullopt;
  }
  const Catalog& side_at(const ObjectId& column, Moment at) const {
    const auto moved = moves(column);
    const bool after = moved ? at && *at >= *moved : to_.contains(column) && !from_.contains(column);
    return after ? to_ : from_;
  }

  // The step that gives the setting its new value; absent: it has it already.
  std::optional<std::size_t> set_in(const ObjectId& column, std::string_view setting) const {
    const auto key = std::pair(column, setting);
    const auto known = set_in_.find(key);
    if (known != set_in_.end()) return known->second;
    return set_in_[key] = find_set_in(column, setting);
  }
  std::optional<std::size_t> find_set_in(const ObjectId& column, std::string_view setting) const {
    if (!from_.contains(column) || !to_.contains(column)) return std::nullopt;
    if (!recipes::differences(recipes::state_of(from_, column), recipes::state_of(to_, column)).contains(setting))
      return std::nullopt;
    const bool value = setting == keys::kDefault.name;
    const bool was_own = !is_inherited(*from_.find(column)), is_own = !is_inherited(*to_.find(column));
    if (was_own && is_own)
      return value ? moments_.changed(default_of(column), keys::kExpression.name) : moments_.changed(column, setting);
    if (const auto step = moments_.set({column, override_of(column)}, setting)) return step;
    if (value && is_own && to_.contains(default_of(column)))
      if (const auto step = moments_.changed(default_of(column), keys::kExpression.name)) return step;
    for (const Catalog* side : {&to_, &from_}) {
      for (const ObjectId& table : parents(*side, column))
        if (const auto step = set_in(same_name(table, column), setting)) return step;
    }
    if (const auto step = moves(column)) return step;
    return moments_.changed(override_of(column), setting);
  }

  // All steps after which something else may be said of it.
  std::set<std::size_t> steps_of(const ObjectId& column) const {
    std::set<std::size_t> steps;
    if (const auto step = moves(column)) steps.insert(*step);
    if (!to_.contains(column))
      if (const auto step = moments_.changed(column, {})) steps.insert(*step);
    for (const std::string_view setting : kSettings) {
      if (const auto step = set_in(column, setting)) steps.insert(*step);
      for (const Catalog* side : {&from_, &to_}) {
        for (const ObjectId& table : parents(*side, column))
          if (const auto step = set_in(same_name(table, column), setting)) steps.insert(*step);
      }
    }
    return steps;
  }

  ColumnState state(const ObjectId& column, Moment at) const {
    if (!from_.contains(column)) return recipes::state_of(to_, column);
    ColumnState now = recipes::state_of(from_, column);
    if (!to_.contains(column)) return now;
    const ColumnState later = recipes::state_of(to_, column);
    for (const std::string_view setting : kSettings) {
      const auto step = set_in(column, setting);
      if (step && at && *at >= *step) take(now, setting, later);
    }
    return now;
  }

  // What the parents give: the settings of the first one, except where any parent counts.
  ColumnState given(const ObjectId& column, const Catalog& side, Moment at) const {
    std::optional<ColumnState> all;
    for (const ObjectId& table : parents(side, column)) {
      const ObjectId parent = same_name(table, column);
      if (!side.contains(parent)) continue;
      const ColumnState one = state(parent, at);
      if (!all) all = one;
      all->not_null = all->not_null || one.not_null;
      if (all->value.empty()) all->value = one.value;
    }
    if (!all) return {};
    all->options.clear();  // these don't recurse
    return *all;
  }

  bool is_gone(const ObjectId& column, Moment at) const {
    if (to_.contains(column)) return false;
    const auto step = moments_.changed(column, {});
    return step && at && *at >= *step;
  }

  // The column as a table says it that owns it; the nearest one above, where this table never does.
  const Object* own_form(const ObjectId& column) const {
    for (const Catalog* side : {&from_, &to_}) {
      const Object* object = side->find(column);
      if (object != nullptr && !is_inherited(*object)) return object;
    }
    for (const ObjectId& table : parents(from_, column)) {
      if (const Object* above = own_form(same_name(table, column))) return above;
    }
    return nullptr;
  }

  Told told(const ObjectId& column, Moment at) const {
    Told objects;
    if (is_gone(column, at)) return objects;
    const Catalog& side = side_at(column, at);
    const Object* there = side.find(column);
    const ColumnState now = state(column, at);
    if (there != nullptr && is_inherited(*there)) {
      objects[column] = *there;
      if (auto beside = said_beside(column, now, given(column, side, at))) objects[beside->id] = std::move(*beside);
      return objects;
    }
    const Object* form = own_form(column);
    if (form == nullptr) return objects;
    Object own = *form;
    own.id = column;
    own.parent = recipes::relation_of(column);
    if (form->id != column) own.set(keys::kNotNullName.name, {});
    say(own, now);
    objects[column] = std::move(own);
    if (now.value.empty()) return objects;
    Object value;
    value.id = default_of(column);
    value.parent = column;
    value.set(keys::kExpression.name, now.value);
    objects[value.id] = std::move(value);
    return objects;
  }

  const Catalog& from_;
  const Catalog& to_;
  const Moments& moments_;
  mutable std::map<std::pair<ObjectId, std::string_view>, std::optional<std::size_t>> set_in_;
};

bool has_parents(const ObjectId& column, const Catalog& side) {
  const Object* object = side.find(column);
  return object != nullptr && is_inherited(*object);
}

// The columns that are to be followed.
std::set<ObjectId> columns_with_parents(const std::set<ObjectId>& touched, const Catalog& from, const Catalog& to) {
  std::set<ObjectId> columns;
  const auto add = [&](const ObjectId& column) {
    const bool stays = from.contains(column) && to.contains(recipes::relation_of(column));
    if (!stays || !(has_parents(column, from) || has_parents(column, to))) return;
    const auto before = recipes::parents_of(from, recipes::relation_of(column));
    if (!to.contains(column) && before == recipes::parents_of(to, recipes::relation_of(column)))
      return;  // goes with its parent's
    columns.insert(column);
  };
  for (const ObjectId& id : touched) {
    if (id.is(kTable.tag) && recipes::parents_of(from, id) != recipes::parents_of(to, id) && from.contains(id)) {
      for (const auto child : from.children(*from.index_of(id)))
        if (from.at(child).id.is(kColumn.tag)) add(from.at(child).id);
    }
    if (!id.is(kColumn.tag) && !id.is(kDefault.tag) && !id.is(kOverride.tag)) continue;
    add(column_of(id));
    for (const Catalog* side : {&from, &to}) {
      for (const ObjectId& below : recipes::descendants(*side, column_of(id)))
        if (from.contains(override_of(below)) || to.contains(override_of(below))) add(below);
    }
  }
  return columns;
}

}  // namespace

Between columns_between(const std::set<ObjectId>& touched, const Catalog& from, const Catalog& to, const Moments& moments) {
  Between between;
  const Follower follower(from, to, moments);
  for (const ObjectId& column : columns_with_parents(touched, from, to)) follower.follow(column, between);
  return between;
}

void leave_out_empty_overrides(Step& step, const Catalog& to) {
  std::erase_if(step.produces, [&](const ObjectId& id) { return id.is(kOverride.tag) && !to.contains(id); });
}

}  // namespace lockstep::kinds
