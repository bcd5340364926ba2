#include "reconciler/chosen.h"

#include <fmt/format.h>

#include <algorithm>

#include "kinds/names/renamed.h"
#include "kinds/registry.h"
#include "plan/hazard.h"
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

// Compares names of objects with what the command line says, and remembers what of that has matched.
class WantedNames {
 public:
  explicit WantedNames(const std::vector<std::string>& globs) : globs_(globs), matched_(globs.size(), false) {}

  // Whether the object, what it belongs to, or its schema has one of the names.
  bool match(const Catalog& side, Index index) {
    bool any = false;
    for (std::optional<Index> at = index; at; at = side.parent(*at)) any = any || match(side.at(*at).id);
    const std::string schema = kinds::schema_of(side.at(index).id);
    return any || (!schema.empty() && match_text(schema));
  }

  void require_all(const char* flag) const {
    std::vector<std::string> unknown;
    for (std::size_t i = 0; i < globs_.size(); ++i)
      if (!matched_[i]) unknown.push_back(fmt::format("{} {}", flag, support::visible(globs_[i])));
    if (unknown.empty()) return;
    throw support::UsageError(
        "no object of the files, and none that the plan would drop, has this name:" + support::listed(unknown) +
        "\nNames are those that `plan` and `verify` print (table shop.orders), also without the kind (shop.orders); * and ? "
        "match "
        "any text and any character. Nothing was changed");
  }

 private:
  bool match(const ObjectId& id) {
    const std::string text = catalog::to_string(id);
    const bool with_kind = match_text(text);
    return match_text(text.substr(id.kind->name.size() + 1)) || with_kind;  // a kind's name may be two words
  }

  bool match_text(const std::string& text) {
    bool any = false;
    for (std::size_t i = 0; i < globs_.size(); ++i) {
      if (!plan::glob_matches(globs_[i], text)) continue;
      matched_[i] = any = true;
    }
    return any;
  }

  const std::vector<std::string>& globs_;
  std::vector<bool> matched_;
};

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
    only.require_all("--only");
    exclude.require_all("--exclude");
    under_both_names(only_);
    under_both_names(excluded_);
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
