#include "reconciler/chosen.h"

#include <fmt/format.h>

#include <algorithm>

#include "kinds/names/renamed.h"
#include "kinds/registry.h"
#include "reconciler/wanted_names.h"
#include "support/error.h"
#include "support/lines.h"
#include "support/visible.h"

namespace lockstep::reconciler {

using catalog::Catalog;
using catalog::Change;
using catalog::Index;
using catalog::ObjectId;
using planner::Rename;

namespace {

const char* done_to(Change::What what) {
  return what == Change::What::added ? "added" : what == Change::What::removed ? "dropped" : "changed";
}

class Choosing {
 public:
  Choosing(const std::vector<Change>& changes, const Catalog& live, const Catalog& desired, const std::vector<Rename>& renames)
      : live_(live), desired_(desired), renames_(renames) {
    for (const Change& change : changes) {
      changes_.emplace(change.id, &change);
      if (change.what == Change::What::removed) dropped_by_name_[change.id.path.back()].push_back(change.id);
    }
  }

  Chosen result(const Selection& selection) {
    name(selection);
    for (const auto& [id, change] : changes_) {
      const bool wanted = selection.only.empty() || only_.contains(id);
      if (wanted && !excluded_.contains(id)) take(id, id, true);
    }
    while (!open_.empty()) {
      const ObjectId id = open_.back();
      open_.pop_back();
      follow(*changes_.at(id));
    }
    if (!refused_.empty())
      throw support::UsageError("--exclude leaves out what the rest of the plan needs:" + support::listed(refused_) +
                                "\nExclude both, or neither. Nothing was changed");
    Chosen chosen{.ids = {}, .also = {}};
    for (const auto& [id, by] : chosen_) {
      chosen.ids.insert(id);
      if (!(id == by)) chosen.also.emplace_back(id, by);
    }
    return chosen;
  }

 private:
  void name(const Selection& selection) {
    WantedNames only(selection.only), exclude(selection.exclude);
    const auto ask = [&](const Catalog& side, Index index) {
      const ObjectId& id = side.at(index).id;
      if (only.match(side, index)) only_.insert(id);
      if (exclude.match(side, index)) excluded_.insert(id);
    };
    for (Index index = 0; index < desired_.objects().size(); ++index) ask(desired_, index);
    for (const auto& [id, change] : changes_)
      if (const auto index = live_.index_of(id)) ask(live_, *index);
    require_all(only, "--only");
    require_all(exclude, "--exclude");
    under_both_names(only_);
    under_both_names(excluded_);
  }

  static void require_all(const WantedNames& names, const char* flag) {
    std::vector<std::string> unknown;
    for (const std::string& name : names.unmatched()) unknown.push_back(fmt::format("{} {}", flag, support::visible(name)));
    if (unknown.empty()) return;
    throw support::UsageError("no object of the files, and none that the plan would drop, has this name:" +
                              support::listed(unknown) + "\n" + std::string(kWantedNames) + ". Nothing was changed");
  }

  // Whoever names a part of a renamed object by one of its names means the other too.
  void under_both_names(std::set<ObjectId>& ids) const {
    for (std::size_t before = ids.size() + 1; before != ids.size() && !renames_.empty();) {
      before = ids.size();
      const std::vector<ObjectId> named(ids.begin(), ids.end());
      for (const ObjectId& id : named) {
        for (const Catalog* side : {&live_, &desired_})
          if (const auto index = side->index_of(id))
            for (const Index child : side->children(*index)) ids.insert(side->at(child).id);
        for (const Rename& rename : renames_) {
          ids.insert(kinds::renamed(id, rename.from, rename.to));
          ids.insert(kinds::renamed(id, rename.to, rename.from));
        }
      }
    }
  }

  // `by`: what needs it, or itself if it was named. `needed`: the other can't be without it.
  void take(const ObjectId& id, const ObjectId& by, bool needed) {
    const auto change = changes_.find(id);
    if (change == changes_.end() || chosen_.contains(id)) return;
    if (excluded_.contains(id)) {
      if (needed)
        refused_.push_back(fmt::format("{} ({}) needs {} ({})", support::visible(catalog::to_string(by)),
                                       done_to(changes_.at(by)->what), support::visible(catalog::to_string(id)),
                                       done_to(change->second->what)));
      return;
    }
    chosen_.emplace(id, only_.contains(id) ? id : by);
    open_.push_back(id);
  }

  void follow(const Change& change) {
    const ObjectId& id = change.id;
    if (const auto here = desired_.index_of(id)) {
      if (const auto parent = desired_.parent(*here)) take(desired_.at(*parent).id, id, true);
      for (const auto& edge : desired_.edges_from(*here)) take(desired_.at(edge.referenced).id, id, true);
      if (change.what == Change::What::added) added(id, *here);
    }
    if (change.what != Change::What::removed) return;
    const Index there = *live_.index_of(id);
    for (const Index child : live_.children(there)) take(live_.at(child).id, id, true);
    for (const auto& edge : live_.edges_to(there)) take(live_.at(edge.dependent).id, id, true);
    for (const Rename& rename : renames_)
      if (rename.from == id) take(rename.to, id, true);
  }

  void added(const ObjectId& id, Index here) {
    // A new table comes with its columns; a new schema is needed by what is in it, and doesn't need that.
    const bool holds_others = id.path.size() == 1 && kinds::of(id).placement != kinds::Placement::database;
    if (!holds_others)
      for (const Index child : desired_.children(here)) take(desired_.at(child).id, id, false);
    if (const auto named = dropped_by_name_.find(id.path.back()); named != dropped_by_name_.end()) {
      for (const ObjectId& other : named->second)
        if (kinds::exclude_each_other(id, other)) take(other, id, true);
    }
    for (const Rename& rename : renames_) {
      if (rename.to == id) take(rename.from, id, true);
      if (!kinds::is_within(id, rename.to)) continue;
      for (const auto& edge : desired_.edges_to(here)) take(desired_.at(edge.dependent).id, id, true);
    }
  }

  const Catalog& live_;
  const Catalog& desired_;
  const std::vector<Rename>& renames_;
  std::map<ObjectId, const Change*> changes_;
  std::map<std::string, std::vector<ObjectId>> dropped_by_name_;
  std::set<ObjectId> only_, excluded_;
  std::map<ObjectId, ObjectId> chosen_;  // by what needs it, or by itself
  std::vector<ObjectId> open_;
  std::vector<std::string> refused_;
};

}  // namespace

Chosen choose(const Selection& selection, const std::vector<Change>& changes, const Catalog& live, const Catalog& desired,
              const std::vector<Rename>& renames) {
  return Choosing(changes, live, desired, renames).result(selection);
}

}  // namespace lockstep::reconciler
