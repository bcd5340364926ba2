// The steps that give objects their new names.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "kinds/names/renamed.h"
#include "kinds/recreation/second_names.h"
#include "kinds/registry.h"
#include "planner/draft.h"
#include "planner/planner.h"
#include "support/error.h"
#include "support/sql_text.h"

namespace lockstep::planner {

using catalog::ObjectId;

ObjectId name_before(const ObjectId& id, const std::vector<Rename>& renames) {
  ObjectId old = id;
  // Newest first: a column's rename speaks of its table's new name.
  for (auto rename = renames.rbegin(); rename != renames.rend(); ++rename) old = kinds::renamed(old, rename->to, rename->from);
  return old;
}

ObjectId name_after(const ObjectId& id, const std::vector<Rename>& renames) {
  ObjectId now = id;
  for (const Rename& rename : renames) now = kinds::renamed(now, rename.from, rename.to);
  return now;
}

plan::Steps rename_steps(const Rename& rename, const kinds::Context& context) {
  const kinds::KindSpec& kind = kinds::of(rename.from);
  if (kind.rename == nullptr)
    throw support::RefusedError(catalog::to_string(rename.from) + ": this kind of object can't be renamed");
  plan::Steps steps = kind.rename(rename.from, rename.to, context);
  for (auto& step : steps) {
    if (step.title.empty()) step.title = "rename " + catalog::to_string(rename.from) + " to " + kinds::bare_name(rename.to);
    step.destroys = {rename.from};
    step.produces = {rename.to};
    step.renames = true;
  }
  return steps;
}

namespace {

// One rename with the way back from it, as steps of their own.
struct Named {
  const Rename* rename = nullptr;
  ObjectId live;  // the name before the plan
  plan::Steps there, back;
};

// The new name works already, by something else, which goes in the rename's own transaction.
void end_second_name(const ObjectId& live, const Input& input, const kinds::Context& context, plan::Steps& steps) {
  if (input.second_names == nullptr || steps.empty()) return;
  const auto begin_with = [&](const kinds::Gone& gone) {
    plan::Step& first = steps.front();
    first.sql.insert(first.sql.begin(), gone.sql.begin(), gone.sql.end());
    first.helpers.insert(first.helpers.end(), gone.helpers.begin(), gone.helpers.end());
    first.checks.insert(first.checks.end(), gone.checks.begin(), gone.checks.end());
  };
  for (const auto& column : input.second_names->columns) {
    if (column.id == live) begin_with(kinds::drop_second_name(column, context));
  }
  for (const auto& table : input.second_names->tables) {
    if (table.id == live) begin_with(kinds::drop_second_name(table));
  }
}

std::vector<Named> each(const Input& input, const kinds::Context& context) {
  std::vector<Named> all;
  std::vector<Rename> made;
  for (const Rename& rename : input.renames) {
    Named one{&rename, name_before(rename.from, made), rename_steps(rename, context),
              rename_steps({rename.to, rename.from}, context)};
    end_second_name(one.live, input, context, one.there);
    for (auto& step : one.there) declare_rename_locks(input, one.live, made, step);
    made.push_back(rename);
    for (auto& step : one.back) declare_rename_locks(input, one.live, made, step);
    if (rename.own) {
      for (auto& step : one.there) step.title = "give " + catalog::to_string(rename.to) + " its name";
      for (auto& step : one.back) step.title = "take its name from " + catalog::to_string(rename.to);
      for (auto* steps : {&one.there, &one.back}) {
        for (auto& step : *steps) step.breaking.clear();
      }
    }
    all.push_back(std::move(one));
  }
  return all;
}

// The object in a schema that it is or belongs to.
catalog::Path root_path(const ObjectId& id) {
  return {id.path.begin(), id.path.begin() + std::min<std::ptrdiff_t>(2, std::ssize(id.path))};
}

// Renames of one relation and its parts are one transaction, and so is the one that takes a name which another one gives up.
// Returns the group of each, a position in `all`.
std::vector<std::size_t> grouped(const std::vector<Named>& all) {
  std::vector<std::size_t> group(all.size());
  for (std::size_t i = 0; i < all.size(); ++i) {
    group[i] = i;
    for (std::size_t j = 0; j < i; ++j) {
      const bool takes_over = kinds::exclude_each_other(all[i].rename->to, all[j].rename->from);
      const bool inside =
          kinds::is_within(all[i].live, all[j].live) || kinds::is_within(all[j].live, all[i].live);  // of a schema
      if (!takes_over && !inside && root_path(all[i].live) != root_path(all[j].live)) continue;
      const std::size_t from = group[i], to = group[j];
      for (std::size_t k = 0; k <= i; ++k) {
        if (group[k] == from || group[k] == to) group[k] = std::min(from, to);
      }
    }
  }
  return group;
}

// One step of several: the first that breaks something names it.
plan::Step joined(const std::vector<const plan::Step*>& parts, const std::vector<std::pair<ObjectId, ObjectId>>& names) {
  plan::Step whole = *parts.front();
  if (parts.size() == 1) return whole;
  const auto broken = std::find_if(parts.begin(), parts.end(), [](const plan::Step* part) { return !part->breaking.empty(); });
  const std::size_t head = broken == parts.end() ? 0 : static_cast<std::size_t>(broken - parts.begin());
  whole.title = parts[head]->title + fmt::format(", and {} more name{}", parts.size() - 1, parts.size() == 2 ? "" : "s");
  whole.breaking = parts[head]->breaking;
  whole.sql.clear();
  whole.produces.clear();
  whole.destroys.clear();
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const plan::Step& part = *parts[i];
    const auto at = i == head ? whole.destroys.begin() : whole.destroys.end();
    whole.destroys.insert(at, names[i].first);
    whole.produces.insert(i == head ? whole.produces.begin() : whole.produces.end(), names[i].second);
    whole.sql.insert(whole.sql.end(), part.sql.begin(), part.sql.end());
    whole.phase = std::max(whole.phase, part.phase);
    whole.lock = std::max(whole.lock, part.lock);
    for (const auto& lock : part.locks) plan::add_lock(whole.locks, lock);
    if (i > 0) {
      whole.helpers.insert(whole.helpers.end(), part.helpers.begin(), part.helpers.end());
      whole.checks.insert(whole.checks.end(), part.checks.begin(), part.checks.end());
    }
    if (i != head)
      plan::join_breaking(whole, support::join(names[head].second.path, "."), part, support::join(names[i].second.path, "."));
  }
  return whole;
}

class Group {
 public:
  explicit Group(const std::vector<Rename>& before) : before_(before), after_(before) {}

  void add(const Named& one) {
    parts_.push_back(&one);
    after_.push_back(*one.rename);
  }

  plan::Step step(const Input& input) const {
    std::vector<const plan::Step*> there, back;
    std::vector<std::pair<ObjectId, ObjectId>> names, names_back;
    for (const Named* part : parts_) {
      for (const auto& one : part->there) {
        there.push_back(&one);
        names.emplace_back(name_after(part->live, before_), name_after(part->live, after_));
      }
    }
    for (auto part = parts_.rbegin(); part != parts_.rend(); ++part) {
      for (const auto& one : (*part)->back) {
        back.push_back(&one);
        names_back.emplace_back(name_after((*part)->live, after_), name_after((*part)->live, before_));
      }
    }
    plan::Step step = joined(there, names);
    step.undo.steps = {joined(back, names_back)};
    for (const Named* part : parts_) {
      const auto place = input.places.find(part->live);
      if (step.source.empty() && place != input.places.end()) step.source = place->second.place();
    }
    return step;
  }

  const std::vector<Rename>& after() const { return after_; }

 private:
  std::vector<const Named*> parts_;
  std::vector<Rename> before_, after_;
};

}  // namespace

plan::Steps second_names(const Input& input, const kinds::Context& context) {
  if (input.second_names == nullptr) return {};
  plan::Steps steps;
  const auto add = [&](plan::Steps made, const ObjectId& id) {
    const auto place = input.places.find(id);
    for (plan::Step& step : made) {
      if (place != input.places.end()) step.source = place->second.place();
      steps.push_back(std::move(step));
    }
  };
  for (const auto& column : input.second_names->columns) add(kinds::add_second_name(column, context), column.id);
  for (const auto& table : input.second_names->tables) add(kinds::add_second_name(table, context), table.id);
  for (const auto& column : input.second_names->columns) add(kinds::copy_second_name(column, context), column.id);
  for (const auto& column : input.second_names->columns)
    add(kinds::index_second_name(column, *input.second_names, context), column.id);
  return steps;
}

plan::Steps renaming(const Input& input, const kinds::Context& context) {
  const std::vector<Named> all = each(input, context);
  const std::vector<std::size_t> group = grouped(all);
  plan::Steps steps;
  std::vector<Rename> made;
  for (std::size_t first = 0; first < all.size(); ++first) {
    if (group[first] != first) continue;
    Group together(made);
    for (std::size_t i = first; i < all.size(); ++i) {
      if (group[i] == first) together.add(all[i]);
    }
    steps.push_back(together.step(input));
    made = together.after();
  }
  return steps;
}

}  // namespace lockstep::planner
