// What happens to each object → the steps that do it.
#include "planner/draft.h"

#include <algorithm>

#include "kinds/inheritance/change_parents.h"
#include "kinds/inheritance/inherited_constraints.h"
#include "kinds/inheritance/partition_places.h"
#include "kinds/names/lookup_path.h"
#include "kinds/recreation/built_aside.h"
#include "kinds/recreation/recreated_types.h"
#include "kinds/recreation/remade_table.h"
#include "kinds/recreation/succeed_columns.h"
#include "kinds/recreation/swapped_table.h"
#include "kinds/recreation/type_succession.h"
#include "kinds/registry.h"
#include "kinds/relations/whole_row.h"
#include "recipes/change_column.h"
#include "support/error.h"
#include "support/sql_text.h"

namespace lockstep::planner {

using catalog::Change;
using catalog::Object;
using catalog::ObjectId;
using plan::Step;
using plan::Steps;

namespace {

class Drafter {
 public:
  Drafter(const Input& input, const Disposition& disposition, const kinds::Context& context)
      : input_(input), disposition_(disposition), context_(context) {}

  std::vector<Draft> run() {
    for (const ObjectId& id : disposition_.destroyed) {
      if (is_remade(id) || goes_along(id) || kinds::taken_over(*input_.from.find(id), context_)) continue;
      std::string meanwhile;
      const std::size_t first = drafts_.size();
      add(id, Draft::Does::drop, drop(*input_.from.find(id), meanwhile));
      if (drafts_.size() > first) drafts_.back().meanwhile = std::move(meanwhile);
    }
    for (const ObjectId& id : disposition_.created) {
      if (is_remade(id) || comes_along(id) || kinds::stays_behind(*input_.to.find(id), context_)) continue;
      create(*input_.to.find(id));
    }
    for (const auto& [id, change] : disposition_.altered) {
      const Object& from = *input_.from.find(id);
      std::size_t node = drafts_.size();
      add(id, Draft::Does::alter, alter(*change));
      if (!kinds::moves_partition(from, *input_.to.find(id))) continue;
      while (node < drafts_.size() && !kinds::place_emptied(drafts_[node].step, from)) ++node;  // before it, each stands alone
      for (++node; node < drafts_.size(); ++node) drafts_[node].whole = true;
    }
    remake();
    for (const ObjectId& id : disposition_.remade) remake_table(*input_.to.find(id));
    return std::move(drafts_);
  }

 private:
  bool is_remade(const ObjectId& id) const { return disposition_.remade.contains(id) || disposition_.remade_parts.contains(id); }

  // One step makes the table and its partitions, copies the rows and drops the old ones, or attaches the old one. What comes
  // after it in the chain (replica identity) joins its transaction.
  void remake_table(const Object& table) {
    std::vector<ObjectId> relations = kinds::parts_of_table(table.id, input_.to);
    relations.insert(relations.begin(), table.id);
    const auto partition = kinds::becomes_its_partition(table, context_);
    Steps made, after;
    std::vector<std::string> owners;
    for (const ObjectId& id : relations) {
      if (partition == id) continue;
      const Object& object = *input_.to.find(id);
      Steps steps = kinds::of(id).create(object, context_);
      const std::size_t first = making(steps, id);
      const auto without = kinds::without_default_privileges(object, context_);
      steps[first].sql.insert(steps[first].sql.end(), without.begin(), without.end());
      for (std::size_t i = 0; i < steps.size(); ++i) (i <= first ? made : after).push_back(std::move(steps[i]));
      const Object* owned = object.has(kinds::kOwner) ? &object : input_.from.find(table.id);
      if (owned->has(kinds::kOwner)) owners.push_back(kinds::alter(kinds::of(id), id) + " " + kinds::owner_clause(*owned));
    }
    Steps steps = kinds::remake(table, made, owners, partition, context_);
    const std::size_t node = drafts_.size() + steps.size() - 1;
    std::move(after.begin(), after.end(), std::back_inserter(steps));
    for (Step& step : said_by_hand(input_, table.id, table.id, context_)) steps.push_back(std::move(step));
    add(table.id, Draft::Does::create, std::move(steps));
    drafts_[node].remakes = true;
    drafts_[node].along.assign(relations.begin() + 1, relations.end());
    for (std::size_t next = node + 1; next < drafts_.size(); ++next) drafts_[next].whole = true;
  }

  // PostgreSQL drops it with its parent, or with the column it is owned by.
  bool goes_along(const ObjectId& id) const {
    const auto index = *input_.from.index_of(id);
    const Object& object = input_.from.at(index);
    const bool takes_along = object.parent && (!kinds::of(*object.parent).empty_before_drop || kinds::of(id).is_satellite());
    if (takes_along && disposition_.destroyed.contains(*object.parent)) {
      if (!kinds::of(id).dropped_before_parent) return true;
      const auto root = input_.from.root(index);
      return std::none_of(input_.from.edges_from(index).begin(), input_.from.edges_from(index).end(), [&](const auto& edge) {
        return input_.from.root(edge.referenced) != root && disposition_.destroyed.contains(input_.from.at(edge.referenced).id);
      });
    }
    if (kinds::of(id).holds == kinds::Holds::rows) return false;  // a partition has rows of its own to save
    const auto& edges = input_.from.edges_from(index);
    return std::any_of(edges.begin(), edges.end(), [&](const auto& edge) {
      return edge.automatic && input_.from.root(edge.referenced) != input_.from.root(index) &&
             disposition_.destroyed.contains(input_.from.at(edge.referenced).id);
    });
  }

  bool comes_along(const ObjectId& id) const {
    const Object& object = *input_.to.find(id);
    return kinds::of(id).made_with_parent && object.parent && disposition_.created.contains(*object.parent) &&
           !kinds::made_apart(object, input_.to);
  }

  // Its successor takes the place of the column in the transaction in which the types do.
  void carry_beside(const ObjectId& column) {
    Steps steps = kinds::succeed_columns(column, context_);
    if (steps.empty()) return;  // with another column
    for (Step& step : kinds::end_succession(column, context_)) steps.push_back(std::move(step));
    const std::size_t first = drafts_.size();
    add(column, Draft::Does::alter, std::move(steps));
    const auto swap = std::find_if(drafts_.begin() + static_cast<std::ptrdiff_t>(first), drafts_.end(),
                                   [](const Draft& draft) { return !draft.step.alters.empty(); });
    swap->ends.assign(disposition_.recreated_types.begin(), disposition_.recreated_types.end());
  }

  // The columns are carried over, and what was set aside goes.
  void remake() {
    if (disposition_.recreated_types.empty()) return;
    for (const ObjectId& id : disposition_.carried) {
      if (kinds::is_succeeded(id, context_)) {
        carry_beside(id);
        continue;
      }
      add(id, Draft::Does::alter, {kinds::carry(*input_.to.find(id), disposition_.recreated_types, context_)});
      drafts_.back().ends.assign(disposition_.recreated_types.begin(), disposition_.recreated_types.end());
    }
    const auto columns =
        kinds::columns_carried(disposition_.recreated_types, input_.from, input_.to);  // also those that get another type
    auto end = kinds::end_of(disposition_.recreated_types, columns, context_);
    if (!end) return;
    add(*disposition_.recreated_types.begin(), Draft::Does::alter, {std::move(*end)});
    drafts_.back().ends.assign(disposition_.recreated_types.begin(), disposition_.recreated_types.end());
  }

  // meanwhile: what statements see until it is made again; empty if it isn't.
  Steps drop(const Object& object, std::string& meanwhile) const {
    const kinds::KindSpec& kind = kinds::of(object.id);
    if (disposition_.recreated_types.contains(object.id))
      return {kinds::set_aside(object, disposition_.recreated_types, disposition_.carried, context_)};
    Steps steps = kind.drop != nullptr ? kind.drop(object, context_) : Steps{generic_drop(kind, object)};
    if (steps.empty()) return steps;
    Step& last = steps.back();
    if (last.destroys.empty()) last.destroys.push_back(object.id);
    const bool for_good = !input_.to.contains(object.id);
    if (!for_good) {
      meanwhile = std::exchange(last.breaking, {});
      if (!disposition_.rebuilt.contains(object.id)) warn_of_change(last, kind, object);
    }
    const bool said = std::any_of(steps.begin(), steps.end(), [](const Step& step) { return !step.losses.empty(); });
    if (for_good && !kind.is_only_definition() && !said) last.losses.push_back(loss(kind, object));
    return steps;
  }

  // What statements use (a view, a function, a cast) comes back as something else. What stands behind a table (a key, an index)
  // says for itself what its new form refuses.
  static void warn_of_change(Step& step, const kinds::KindSpec& kind, const Object& object) {
    if (!kind.is_used_by_statements()) return;
    const auto& path = object.id.path;  // of a routine without its arguments
    step.consequences.push_back(
        {"breaking",
         support::join({path.begin(), path.begin() + static_cast<std::ptrdiff_t>(std::min<std::size_t>(2, path.size()))}, "."),
         name_of(object.id) + " is dropped and created anew: statements that rely on what changes about it fail"});
  }

  static Step generic_drop(const kinds::KindSpec& kind, const Object& object) {
    Step step;
    const std::string name = std::string(kind.keyword) + " " + kind.address(object.id);
    step.title = "drop " + name_of(object.id);
    step.sql = {"DROP " + name};
    step.phase = plan::Phase::contract;
    step.lock = plan::LockMode::access_exclusive;
    step.breaking = "statements that use " + name_of(object.id) + " fail";
    return step;
  }

  static plan::Loss loss(const kinds::KindSpec& kind, const Object& object) {
    plan::Loss loss;
    loss.hazard = kind.drop_hazard;
    loss.object = support::join(object.id.path, ".");
    loss.what = name_of(object.id);
    if (kind.saves != nullptr) {
      loss.query = kind.saves(object);
      loss.relation = loss.query.empty() ? "" : support::qualified(object.id.path[0], object.id.path[1]);
    }
    return loss;
  }

  void create(const Object& object) {
    const kinds::KindSpec& kind = kinds::of(object.id);
    const auto* beside = kinds::succeeded_type(object.id, context_);
    Steps steps = beside != nullptr                        ? Steps{kinds::take_place(*beside)}
                  : disposition_.aside.contains(object.id) ? kinds::build_aside(object, context_)
                                                           : kind.create(object, context_);
    if (disposition_.rebuilt.contains(object.id)) {  // it is what it was: nobody meets anything new
      for (Step& step : steps) step.breaking.clear();
    }
    if (!steps.empty() && !disposition_.aside.contains(object.id)) {
      const auto without = kinds::without_default_privileges(object, context_);
      auto& sql = steps[making(steps, object.id)].sql;
      sql.insert(sql.end(), without.begin(), without.end());
    }
    // On scratch, owners are set by a superuser once everything is there.
    const std::size_t made = steps.size();
    const Object* former = input_.elaborating ? nullptr : made_again(object.id);
    if (former == nullptr && !input_.elaborating) former = other_form(input_, object.id);
    const bool keeps_owner = former != nullptr && !object.has(kinds::kOwner);
    const bool same_role =
        keeps_owner && !disposition_.recreated_types.contains(object.id) && former->get(kinds::kOwner) == input_.role;
    Object owned = object;
    if (keeps_owner && former->has(kinds::kOwner)) owned.set(kinds::kOwner.name, former->get(kinds::kOwner));
    auto owner = kinds::owner_step(owned);
    if (owner && !input_.elaborating && !same_role) steps.push_back(std::move(*owner));
    if (former != nullptr && !(object.parent && made_again(*object.parent) != nullptr)) {
      for (Step& step : said_by_hand(input_, former->id, object.id, context_)) steps.push_back(std::move(step));
    }
    const std::size_t first = drafts_.size();
    add(object.id, Draft::Does::create, std::move(steps));
    if (former == nullptr || made == 0) return;
    for (std::size_t node = first + made; node < drafts_.size(); ++node)
      drafts_[node].whole = drafts_[node - 1].step.mode == plan::TransactionMode::inside;
  }

  // As it was before it is dropped and created again; null: it isn't.
  const Object* made_again(const ObjectId& id) const {
    return disposition_.destroyed.contains(id) && disposition_.created.contains(id) ? input_.from.find(id) : nullptr;
  }

  // The first step that makes it: others may come before (a check that spares a new partition a scan).
  static std::size_t making(const Steps& steps, const ObjectId& id) {
    const auto makes = [&](const Step& step) {
      return std::find(step.produces.begin(), step.produces.end(), id) != step.produces.end();
    };
    const auto found = std::find_if(steps.begin(), steps.end(), makes);
    return found == steps.end() ? 0 : static_cast<std::size_t>(found - steps.begin());
  }

  Steps alter(const Change& change) const {
    const kinds::KindSpec& kind = kinds::of(change.id);
    const Object& from = *input_.from.find(change.id);
    const Object& to = *input_.to.find(change.id);
    Steps steps;
    std::vector<std::string> clauses, by_clause_breaks, by_all_breaks;
    std::vector<std::string_view> by_clause;
    std::vector<kinds::Recipe> called;
    bool over = false;
    for (const auto& attribute : kind.attributes) {
      const bool changed = std::any_of(change.attributes.begin(), change.attributes.end(),
                                       [&](const auto& item) { return item.attribute == attribute.name; });
      if (!changed) continue;
      if (attribute.recipe != nullptr) {
        if (std::find(called.begin(), called.end(), attribute.recipe) != called.end()) continue;
        called.push_back(attribute.recipe);
        Steps made = attribute.recipe(change, from, to, context_);
        name_altered(kind, attribute.recipe, change.id, made);
        std::move(made.begin(), made.end(), std::back_inserter(steps));
      } else if (attribute.name == kinds::kOwner.name) {
        steps.push_back(give(from, to));
        steps.back().alters = {attribute.name};
      } else if (attribute.clause != nullptr) {
        clauses.push_back(attribute.clause(to));
        by_clause.push_back(attribute.name);
        if (attribute.breaking != nullptr) by_clause_breaks.push_back(attribute.breaking(from, to));
      } else {
        over = true;
        if (attribute.breaking != nullptr) by_all_breaks.push_back(attribute.breaking(from, to));
      }
    }
    if (over) {
      for (auto& step : kind.create(to, context_)) steps.push_back(std::move(step));
      if (!steps.empty()) break_with(to, by_all_breaks, steps.back());
    }
    if (!clauses.empty()) {
      if (kind.joins_clauses) clauses = {support::join(clauses, ", ")};
      Step step = recipes::step_for(to, "alter " + name_of(to.id), {});
      for (const auto& clause : clauses) step.sql.push_back(kinds::alter(kind, to.id) + " " + clause);
      step.lock = plan::LockMode::access_exclusive;
      step.alters = std::move(by_clause);
      break_with(to, by_clause_breaks, step);
      steps.push_back(std::move(step));
    }
    return steps;
  }

  static void break_with(const Object& object, const std::vector<std::string>& texts, Step& step) {
    for (const std::string& text : texts) {
      if (text.empty()) continue;
      step.consequences.push_back({"breaking", support::join(object.id.path, "."), text});
      step.phase = plan::Phase::contract;
    }
  }

  // Unless the recipe says it itself, its last step brings all of its attributes to their final values.
  static void name_altered(const kinds::KindSpec& kind, kinds::Recipe recipe, const ObjectId& id, Steps& steps) {
    const auto says = [](const Step& step) { return !step.alters.empty(); };
    if (std::any_of(steps.begin(), steps.end(), says)) return;
    const auto last = std::find_if(steps.rbegin(), steps.rend(), [&](const Step& step) {
      return std::find(step.produces.begin(), step.produces.end(), id) != step.produces.end();
    });
    if (last == steps.rend()) return;
    for (const auto& attribute : kind.attributes) {
      if (attribute.recipe == recipe) last->alters.push_back(attribute.name);
    }
  }

  // The old owner keeps only what was granted to it: PostgreSQL writes the new one's name into the privileges that it had.
  static Step give(const Object& from, const Object& to) {
    const std::string name = name_of(to.id), owner = to.get(kinds::kOwner), before = from.get(kinds::kOwner);
    Step step = recipes::step_for(to, "give " + name + (before.empty() ? "" : " of " + before) + " to " + owner,
                                  {kinds::alter(kinds::of(to.id), to.id) + " " + kinds::owner_clause(to)});
    step.lock = plan::LockMode::access_exclusive;
    if (before.empty()) return step;
    step.phase = plan::Phase::contract;
    step.breaking = "role " + before + " loses what it may do with " + name +
                    " as its owner, and an application that connects as " + before +
                    " loses it too (unless it is a superuser or a member of " + owner + "); grant it what it needs";
    return step;
  }

  void add(const ObjectId& id, Draft::Does does, Steps steps) {
    const auto place = input_.places.find(id);
    for (auto& step : steps) {
      if (step.title.empty()) step.title = name_of(id);
      if (step.source.empty() && place != input_.places.end()) step.source = place->second.place();
      if (step.search_path.empty() && needs_path(id)) step.search_path = kinds::lookup_path(id, input_.to);
      if (step.search_path.empty() && input_.intents_need_path != nullptr) {  // an enum's columns are converted in its own step
        for (const ObjectId& made : step.produces) {
          if (input_.intents_need_path->contains(made)) step.search_path = kinds::lookup_path(made, input_.to);
        }
      }
      for (auto& check : step.checks) {
        check.upfront = check.upfront && (check.alone || !needs_this_plan(id, does));
        check.alone = false;
      }
      drafts_.push_back(Draft{.object = id, .does = does, .chain = chains_, .step = std::move(step)});
    }
    ++chains_;
  }

  // What the object depends on is made or changed by this plan: a question about rows in its words can't be asked before.
  // What is altered asks without naming what is made (a column that takes a new type: recipes/conversion.cpp).
  bool needs_this_plan(const ObjectId& id, Draft::Does does) const {
    const auto index = input_.to.index_of(id);
    if (!index) return false;
    const auto& edges = input_.to.edges_from(*index);
    return std::any_of(edges.begin(), edges.end(), [&](const auto& edge) {
      const ObjectId& used = input_.to.at(edge.referenced).id;
      if (disposition_.created.contains(used) && (does != Draft::Does::alter || brings_unknown_names(edge.referenced)))
        return true;
      if (disposition_.loosened.contains(used) || disposition_.retyped.contains(used)) return true;
      return disposition_.altered.contains(used) && kinds::of(used).is_only_definition();  // a function's body
    });
  }

  // An extension, or a type over what one brings: no recipe knows the names that come with it, and so none leaves them out.
  bool brings_unknown_names(catalog::Index created) const {
    if (kinds::of(input_.to.at(created).id).placement == kinds::Placement::database) return true;
    bool any = false;
    for_subtree(input_.to, created, [&](catalog::Index part) {
      const auto& edges = input_.to.edges_from(part);
      any = any || std::any_of(edges.begin(), edges.end(), [&](const auto& edge) {
              const bool further = input_.to.root(edge.referenced) != input_.to.root(created);
              return further && disposition_.created.contains(input_.to.at(edge.referenced).id) &&
                     brings_unknown_names(edge.referenced);
            });
    });
    return any;
  }

  // Elaborated text is qualified, and so runs under Lockstep's own search_path. What still looks names up are texts of a file
  // (while they are elaborated), and bodies that run along: those of triggers, of functions in checks and defaults.
  bool needs_path(const ObjectId& id) {
    if (input_.elaborating || (input_.intents_need_path != nullptr && input_.intents_need_path->contains(id))) return true;
    for (const catalog::Catalog* side : {&input_.from, &input_.to}) {
      const auto index = side->index_of(id);
      if (!index) continue;
      const auto [known, fresh] = runs_bodies_.try_emplace({side, side->root(*index)}, false);
      if (fresh) known->second = kinds::runs_bodies(*side, side->root(*index));
      if (known->second) return true;
    }
    return false;
  }

  static std::string name_of(const ObjectId& id) { return catalog::to_string(id); }

  const Input& input_;
  const Disposition& disposition_;
  const kinds::Context& context_;
  std::vector<Draft> drafts_;
  std::map<std::pair<const catalog::Catalog*, catalog::Index>, bool> runs_bodies_;  // by root
  std::size_t chains_ = 0;
};

}  // namespace

void join_rewrites(std::vector<Draft>& drafts) {
  std::vector<std::size_t> heads;
  std::set<std::size_t> gone;
  for (std::size_t node = 0; node < drafts.size(); ++node) {
    const bool first = node == 0 || drafts[node].chain != drafts[node - 1].chain;
    if (!first || drafts[node].does != Draft::Does::alter) continue;
    const auto head = std::find_if(heads.begin(), heads.end(), [&](std::size_t other) {
      return recipes::join_retypes(drafts[other].step, drafts[node].step);
    });
    if (head == heads.end()) {
      heads.push_back(node);
      continue;
    }
    drafts[*head].along.push_back(drafts[node].object);
    for (const ObjectId& type : drafts[node].ends) {
      if (std::find(drafts[*head].ends.begin(), drafts[*head].ends.end(), type) == drafts[*head].ends.end())
        drafts[*head].ends.push_back(type);
    }
    gone.insert(node);
  }
  std::vector<Draft> kept;
  for (std::size_t node = 0; node < drafts.size(); ++node) {
    if (!gone.contains(node)) kept.push_back(std::move(drafts[node]));
  }
  drafts = std::move(kept);
}

std::vector<Draft> draft(const Input& input, const Disposition& disposition, const kinds::Context& context) {
  return Drafter(input, disposition, context).run();
}

}  // namespace lockstep::planner
