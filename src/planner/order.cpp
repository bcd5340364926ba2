// One graph, one topological order. Edges come from pg_depend of both sides, from parents, and from what steps say they
// consume; never from a list of kinds. Ties: phase, creations before drops, registry order, identity.
#include <algorithm>
#include <unordered_map>

#include "kinds/names/body_words.h"
#include "kinds/names/shared_names.h"
#include "kinds/recreation/recreated.h"
#include "kinds/recreation/recreated_types.h"
#include "kinds/recreation/same.h"
#include "kinds/registry.h"
#include "kinds/relations/row_identity.h"
#include "kinds/relations/whole_row.h"
#include "planner/bodies.h"
#include "planner/draft.h"
#include "planner/said_by_others.h"
#include "planner/sequence.h"
#include "recipes/column_succession.h"
#include "recipes/relation.h"

namespace lockstep::planner {

using catalog::Catalog;
using catalog::Index;
using catalog::Object;
using catalog::ObjectId;

namespace {

using Nodes = std::unordered_map<ObjectId, std::vector<std::size_t>, catalog::ObjectIdHash>;

class Orderer {
 public:
  Orderer(const Input& input, const Disposition& disposition, std::vector<Draft>& drafts)
      : input_(input), disposition_(disposition), drafts_(drafts), needs_(drafts.size()), bodies_(input.to) {}

  Order run() {
    index();
    for (std::size_t node = 0; node < drafts_.size(); ++node) {
      if (node > 0 && drafts_[node].chain == drafts_[node - 1].chain) need(node, node - 1);
      for (const ObjectId& id : drafts_[node].step.consumes) need_final(node, id);
      const bool first = comes_first(node);
      if (drafts_[node].remakes) {
        for (const ObjectId& id : drafts_[node].step.destroys) drop_edges(node, id);
      }
      if (drafts_[node].does == Draft::Does::drop) {
        for (const ObjectId& id : drafts_[node].step.destroys) {
          drop_edges(node, id);
          if (disposition_.recreated_types.contains(id)) wait_under(node, id);
        }
      } else if (first) {
        make_edges(node);
        // What else happens to a column that is retyped along with another one.
        const auto joined = joined_.find(drafts_[node].object);
        if (drafts_[node].does == Draft::Does::alter && joined != joined_.end()) need(node, joined->second);
      }
    }
    const auto in_the_way = lockstep::planner::in_the_way(input_, drafts_);
    for (const auto& [node, before] : in_the_way) need(node, before);
    for (const auto& [node, before] : waits(input_, drafts_)) need(node, before);
    for (auto& list : needs_) {
      std::sort(list.begin(), list.end());
      list.erase(std::unique(list.begin(), list.end()), list.end());
    }
    add_hints();
    Order result;
    result.sequence = sequence_of(drafts_, needs_, hints_);
    for (const auto& [node, before] : hints_) needs_[node].push_back(before);
    result.needs = std::move(needs_);
    result.replaced = replaced();
    for (const auto& pair : said_by_others(input_, drafts_)) result.replaced.push_back(pair);
    for (const auto& [node, before] : in_the_way) result.replaced.emplace_back(before, node);
    return result;
  }

 private:
  // Of its chain, without what prepares it.
  bool comes_first(std::size_t node) const {
    return !drafts_[node].step.prepares &&
           (node == 0 || drafts_[node].chain != drafts_[node - 1].chain || drafts_[node - 1].step.prepares);
  }

  void index() {
    for (std::size_t node = 0; node < drafts_.size(); ++node) {
      const Draft& draft = drafts_[node];
      chain_nodes_[draft.object].push_back(node);
      for (const ObjectId& id : draft.along) {
        chain_nodes_[id].push_back(node);
        joined_[id] = node;
      }
      for (const ObjectId& id : draft.step.produces) producer_[id] = node;  // the last one that says so
      for (const ObjectId& id : draft.step.destroys) {
        const auto found = input_.from.index_of(id);
        if (!found) {  // no object of its own (an identity's sequence), only a name
          for (const std::string& name : kinds::shared_names(id)) freed_[name] = node;
          continue;
        }
        for_dropped_subtree(*found, [&](Index i) {
          const ObjectId& gone = input_.from.at(i).id;
          auto& destroyer = destroyer_.try_emplace(gone, node).first->second;
          if (drafts_[node].object == gone) destroyer = node;  // its own step, not its parent's
          for (const std::string& name : kinds::shared_names(gone)) {
            const bool hidden = draft.step.phase == plan::Phase::purge && freed_.contains(name);  // its name is free already
            if (!hidden) freed_[name] = destroyer;
          }
        });
      }
    }
    for (std::size_t node = 0; node < drafts_.size(); ++node) {
      const Draft& draft = drafts_[node];
      if (draft.does != Draft::Does::create) continue;
      const std::size_t last = producer_.try_emplace(draft.object, node).first->second;
      for_created_subtree(draft.object, [&](Index i) { producer_[input_.to.at(i).id] = last; });
      for (const ObjectId& id : draft.along) for_created_subtree(id, [&](Index i) { producer_[input_.to.at(i).id] = last; });
    }
    // Retyped along with a parent's column. One that has steps of its own comes after that anyway.
    for (const ObjectId& id : disposition_.loosened) {
      const auto made = producer_.find(id);
      if (made == producer_.end()) continue;
      for (const ObjectId& along : kinds::retyped_along(id, input_.from)) producer_.try_emplace(along, made->second);
    }
    // Dropped along with another object without being below it (an owned sequence).
    for (const ObjectId& id : disposition_.destroyed) {
      if (destroyer_.contains(id)) continue;
      for (const auto& edge : input_.from.edges_from(*input_.from.index_of(id))) {
        const auto with = destroyer_.find(input_.from.at(edge.referenced).id);
        if (!edge.automatic || with == destroyer_.end()) continue;
        const std::size_t node = destroyer_.emplace(id, with->second).first->second;
        for (const std::string& name : kinds::shared_names(id)) freed_.try_emplace(name, node);
      }
    }
  }

  // The object and what PostgreSQL drops with it.
  void for_dropped_subtree(Index index, const std::function<void(Index)>& visit) const {
    visit(index);
    const bool empty = kinds::of(input_.from.at(index).id).empty_before_drop;
    for (const Index child : input_.from.children(index)) {
      if (!empty || kinds::of(input_.from.at(child).id).is_satellite()) for_dropped_subtree(child, visit);
    }
  }

  // The object and what is made along with it.
  void for_created_subtree(const ObjectId& id, const std::function<void(Index)>& visit) const {
    const Index index = *input_.to.index_of(id);
    visit(index);
    for (const Index child : input_.to.children(index)) {
      const Object& part = input_.to.at(child);
      if (kinds::of(part.id).made_with_parent && disposition_.created.contains(part.id) && !kinds::made_apart(part, input_.to))
        for_created_subtree(input_.to.at(child).id, visit);
    }
  }

  // Steps of one chain follow each other as they are: an earlier one never waits for a later one.
  void need(std::size_t node, std::size_t before) {
    const bool later_of_its_chain = before > node && drafts_[before].chain == drafts_[node].chain;
    if (node != before && !later_of_its_chain) needs_[node].push_back(before);
  }

  void need_producer(std::size_t node, const ObjectId& id) {
    const auto found = producer_.find(id);
    if (found != producer_.end() && drafts_[found->second].chain != drafts_[node].chain) need(node, found->second);
  }

  // What goes for good is in its final shape when it is gone.
  void need_final(std::size_t node, const ObjectId& id) {
    if (!drafts_[node].step.prepares || !lets_null_in(id)) need_producer(node, id);  // an index that is built takes NULL too
    const auto gone = destroyer_.find(id);
    if (gone != destroyer_.end() && !input_.to.contains(id) && drafts_[gone->second].chain != drafts_[node].chain)
      need(node, gone->second);
  }

  // A later step of the chain is the one that needs it: a sequence is made before the table whose defaults call it, and tied
  // to its column after.
  bool awaited_later(std::size_t node, const ObjectId& id) const {
    const std::size_t chain = drafts_[node].chain;
    while (++node < drafts_.size() && drafts_[node].chain == chain) {
      const auto& consumes = drafts_[node].step.consumes;
      if (std::find(consumes.begin(), consumes.end(), id) != consumes.end()) return true;
    }
    return false;
  }

  // The object stands already, and what is changed about it needs the new one: a sequence moves to a column of a new table, whose
  // default draws from it.
  bool waits_for(const ObjectId& standing, const ObjectId& made) const {
    const auto altered = disposition_.altered.contains(standing) ? chain_nodes_.find(standing) : chain_nodes_.end();
    if (altered == chain_nodes_.end()) return false;
    return std::any_of(altered->second.begin(), altered->second.end(), [&](std::size_t node) {
      const auto& consumes = drafts_[node].step.consumes;
      return std::find(consumes.begin(), consumes.end(), made) != consumes.end();
    });
  }

  // Relations of one schema share their names, and so do types: what frees a name is dropped before the next object takes it.
  void need_name_free(std::size_t node, const ObjectId& id) {
    for (const std::string& name : kinds::shared_names(id)) {
      const auto freed = freed_.find(name);
      if (freed != freed_.end()) need(node, freed->second);
    }
  }

  void need_gone(std::size_t node, const ObjectId& id) {
    const auto gone = destroyer_.find(id);
    if (gone != destroyer_.end()) need(node, gone->second);
  }

  bool frees_name_of(std::size_t node, const ObjectId& id) const {
    const auto names = kinds::shared_names(id);
    return std::any_of(names.begin(), names.end(), [&](const std::string& name) {
      const auto freed = freed_.find(name);
      return freed != freed_.end() && freed->second == node;
    });
  }

  // Its text is the same as before and shall mean something else: what it meant, and what goes for good, must be gone before
  // (a function of fewer arguments, which PostgreSQL would choose again).
  void need_former_gone(std::size_t node, const ObjectId& again) {
    const auto index = disposition_.destroyed.contains(again) ? input_.from.index_of(again) : std::nullopt;
    if (!index || !kinds::same(input_.from.at(*index), *input_.to.find(again))) return;
    for (const auto& edge : input_.from.edges_from(*index)) {
      const ObjectId& former = input_.from.at(edge.referenced).id;
      const auto gone = destroyer_.find(former);
      if (gone != destroyer_.end() && !input_.to.contains(former)) need(node, gone->second);
    }
  }

  bool lets_null_in(const ObjectId& used) const {
    const auto altered = disposition_.altered.find(used);
    return altered != disposition_.altered.end() && kinds::lets_null_in(*altered->second);
  }

  void make_edges(std::size_t node) {
    const Draft& draft = drafts_[node];
    const auto visit = [&](Index index) {
      const Object& object = input_.to.at(index);
      const kinds::KindSpec& kind = kinds::of(object.id);
      // A parent that stands may be changed after: row security is forced when the policies are there.
      if (object.parent && !waits_for(*object.parent, draft.object)) need_producer(node, *object.parent);
      for (const auto& edge : input_.to.edges_from(index)) {
        // What is altered stands already: being owned by something (a sequence by its column) is nothing to wait for.
        if (edge.automatic && draft.does == Draft::Does::alter) continue;
        const ObjectId& used = input_.to.at(edge.referenced).id;
        if (kind.precedes != nullptr && kind.precedes(object, used)) continue;
        if (!awaited_later(node, used) && !waits_for(used, draft.object) && !lets_null_in(used)) need_producer(node, used);
      }
      if (draft.does == Draft::Does::create) {
        need_former_gone(node, object.id);
        const auto displaced =
            kind.displaces == nullptr ? std::vector<ObjectId>() : kind.displaces(object, input_.from, input_.to);
        for (const ObjectId& id : displaced) need_gone(node, id);
      }
      if (kind.uses != nullptr) {
        for (const ObjectId& used : kind.uses(object, input_.to)) {
          if (!frees_name_of(node, used) && !waits_for(used, draft.object)) need_producer(node, used);
        }
      }
      need_name_free(node, object.id);
    };
    if (draft.does == Draft::Does::create) {
      const auto old = destroyer_.find(draft.object);
      if (old != destroyer_.end()) need(node, old->second);
      for_created_subtree(draft.object, visit);
      for (const ObjectId& id : draft.along) for_created_subtree(id, visit);
    } else {
      visit(*input_.to.index_of(draft.object));
      for (const ObjectId& id : draft.along) visit(*input_.to.index_of(id));
    }
    if (draft.does != Draft::Does::alter) return;
    const bool makes_along = std::any_of(draft.step.produces.begin(), draft.step.produces.end(),
                                         [&](const ObjectId& id) { return disposition_.retyped.contains(id); });
    const bool loosened = makes_along || disposition_.loosened.contains(draft.object);
    if (loosened || tightens(node)) wait_for_dependents(node, draft.object, loosened);
    for (const ObjectId& id : draft.step.produces) {  // what changes along with it
      const bool loosened_too = disposition_.retyped.contains(id) || disposition_.loosened.contains(id);
      if (id != draft.object && loosened_too) wait_for_dependents(node, id, true);
    }
  }

  // Setting an old type aside may retype the columns that hold it.
  void wait_under(std::size_t node, const ObjectId& type) {
    for (const ObjectId& column : disposition_.carried) {
      if (kinds::holds_one_of(column, {type}, input_.from)) wait_for_dependents(node, column, true);
    }
  }

  // Those that go; those that only let go of it do so after.
  void wait_for_dependents(std::size_t node, const ObjectId& object, bool loosened) {
    if (!input_.from.contains(object)) return;
    if (!loosened) return wait_for_dependents_of(node, object, false);
    for (const ObjectId& along : kinds::retyped_along(object, input_.from)) wait_for_dependents_of(node, along, true);
  }
  void wait_for_dependents_of(std::size_t node, const ObjectId& object, bool loosened) {
    const auto index = input_.from.index_of(object);
    if (!index) return;
    for (const auto& edge : input_.from.edges_to(*index)) {
      const ObjectId& dependent = input_.from.at(edge.dependent).id;
      // What holds values of its own (a sequence) may go last: it is no promise about the column.
      if (!loosened && !kinds::of(dependent).is_only_definition()) continue;
      const auto gone = destroyer_.find(dependent);
      if (gone == destroyer_.end()) continue;
      // Its successor leans on this too, and waits for it.
      if (drafts_[gone->second].does == Draft::Does::alter && depends(dependent, object)) continue;
      need(node, gone->second);
    }
  }

  // On the desired side.
  bool depends(const ObjectId& dependent, const ObjectId& on) const {
    const auto index = input_.to.index_of(dependent);
    if (!index) return false;
    const auto& edges = input_.to.edges_from(*index);
    return std::any_of(edges.begin(), edges.end(), [&](const auto& edge) { return input_.to.at(edge.referenced).id == on; });
  }

  // A chain with a contract step waits until what hangs on the object is gone (a key before its column's NOT NULL).
  bool tightens(std::size_t node) const {
    const std::size_t chain = drafts_[node].chain;
    for (; node < drafts_.size() && drafts_[node].chain == chain; ++node) {
      if (drafts_[node].step.phase == plan::Phase::contract) return true;
    }
    return false;
  }

  // Before something goes, everything that depends on it has gone or has let go of it.
  void drop_edges(std::size_t node, const ObjectId& id) {
    const auto found = input_.from.index_of(id);
    if (!found) return;
    for_subtree(input_.from, *found, [&](Index i) {
      for (const auto& edge : input_.from.edges_to(i)) {
        const ObjectId& dependent = input_.from.at(edge.dependent).id;
        const auto gone = destroyer_.find(dependent);
        if (gone != destroyer_.end()) {
          need(node, gone->second);
        } else if (const auto altered = chain_nodes_.find(dependent);
                   altered != chain_nodes_.end() && !follows_the_new_one(dependent, id)) {
          for (const std::size_t other : altered->second) need(node, other);
        }
      }
      // A child with a step of its own (a foreign key dropped first) goes before its parent.
      const auto own = destroyer_.find(input_.from.at(i).id);
      if (own != destroyer_.end()) need(node, own->second);
    });
  }

  // PostgreSQL records nothing of what the text of a function's body calls, and runs it when what calls it is made (a
  // materialized view is filled, an index is built on rows): what such bodies mention should be there before. Names alone can't
  // prove it, so these are dropped where they contradict each other.
  void add_hints() {
    for (std::size_t node = 0; node < drafts_.size(); ++node) {
      for (const ObjectId& id : drafts_[node].step.awaits) await(node, id);
    }
    if (input_.successions != nullptr) let_columns_go_last();
    let_identities_go_last();
    for (const auto& hint : bodies_over_successors(input_, drafts_)) hints_.push_back(hint);
    for (std::size_t node = 0; node < drafts_.size(); ++node) {
      if (drafts_[node].does != Draft::Does::create || input_.elaborating) continue;
      const auto index = input_.to.index_of(drafts_[node].object);
      if (!index || kinds::has_body(input_.to.at(*index))) continue;
      std::vector<Index> made_with_it;
      for_created_subtree(drafts_[node].object, [&](Index i) { made_with_it.push_back(i); });
      for (const Index used : bodies_.run_with(made_with_it)) {
        const auto made = producer_.find(input_.to.at(used).id);
        if (made != producer_.end() && drafts_[made->second].chain != drafts_[node].chain)
          hints_.emplace_back(node, made->second);
      }
    }
  }

  // The first step of another chain that makes it, or changes it.
  void await(std::size_t node, const ObjectId& id) {
    const auto steps = chain_nodes_.find(id);
    if (steps == chain_nodes_.end()) return;
    const auto makes = std::find_if(steps->second.begin(), steps->second.end(), [&](std::size_t other) {
      return drafts_[other].chain != drafts_[node].chain && plan::names(drafts_[other].step.produces, id);
    });
    if (makes != steps->second.end()) hints_.emplace_back(node, *makes);
  }

  // What has identified the rows goes, or is replaced, once something else does.
  void let_identities_go_last() {
    for (const auto& [table, change] : disposition_.altered) {
      for (const ObjectId& former : kinds::former_identity(*change, input_.from)) {
        const auto gone = destroyer_.find(former);
        const auto steps = chain_nodes_.find(table);
        if (gone == destroyer_.end() || steps == chain_nodes_.end()) continue;
        hints_.emplace_back(gone->second, steps->second.back());
      }
    }
  }

  // The text of a conversion may name any column of its table: none goes before the conversion has been done, if it can wait.
  void let_columns_go_last() {
    for (const auto& succession : input_.successions->all) {
      for (const auto& column : succession.columns) {
        const auto swap = producer_.find(column.id);
        for (std::size_t node = 0; column.converts && swap != producer_.end() && node < drafts_.size(); ++node) {
          const ObjectId& gone = drafts_[node].object;
          const bool goes = drafts_[node].does == Draft::Does::drop && gone.is(*column.id.kind);
          if (goes && recipes::relation_of(gone) == recipes::relation_of(column.id)) hints_.emplace_back(node, swap->second);
        }
      }
    }
  }

  // It holds values of the old type until the new one is there, and the old one is only set aside before.
  bool follows_the_new_one(const ObjectId& dependent, const ObjectId& type) const {
    return disposition_.recreated_types.contains(type) &&
           (disposition_.carried.contains(dependent) || disposition_.altered.contains(dependent)) &&
           kinds::holds_one_of(dependent, {type}, input_.from);
  }

  std::vector<std::pair<std::size_t, std::size_t>> replaced() const {
    std::vector<std::pair<std::size_t, std::size_t>> pairs;
    for (std::size_t node = 0; node < drafts_.size(); ++node) {
      for (const ObjectId& id : drafts_[node].ends) pairs.emplace_back(destroyer_.at(id), node);
      if (drafts_[node].whole) pairs.emplace_back(node - 1, node);
      // Only the first step of the making: what follows it (VALIDATE) must not be in the transaction of ADD.
      if (drafts_[node].does != Draft::Does::create || !comes_first(node)) continue;
      const auto old = destroyer_.find(drafts_[node].object);
      if (old != destroyer_.end() && drafts_[old->second].chain == drafts_[node].chain) continue;  // what prepares it
      if (old != destroyer_.end()) pairs.emplace_back(old->second, node);
      // A new part of a relation that is remade or built aside: nobody meets the relation without it.
      const ObjectId &id = drafts_[node].object, root = root_of(input_.to, id);
      const bool aside = id != root && disposition_.aside.contains(id);
      if (aside || disposition_.remade.contains(root) || disposition_.remade_parts.contains(root))
        pairs.emplace_back(producer_.at(root), node);
    }
    return pairs;
  }

  const Input& input_;
  const Disposition& disposition_;
  std::vector<Draft>& drafts_;
  std::vector<std::vector<std::size_t>> needs_;
  Nodes chain_nodes_;
  std::unordered_map<ObjectId, std::size_t, catalog::ObjectIdHash> producer_, destroyer_;
  std::unordered_map<std::string, std::size_t> freed_;
  std::unordered_map<ObjectId, std::size_t, catalog::ObjectIdHash> joined_;  // retyped along with another one
  Hints hints_;
  Bodies bodies_;
};

}  // namespace

Order order(const Input& input, const Disposition& disposition, std::vector<Draft>& drafts) {
  return Orderer(input, disposition, drafts).run();
}

}  // namespace lockstep::planner
