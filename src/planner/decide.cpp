// Which objects are dropped, made, recreated, or altered in place.
#include <algorithm>
#include <iterator>

#include "kinds/columns/column_text.h"
#include "kinds/columns/retype_limits.h"
#include "kinds/recreation/built_aside.h"
#include "kinds/recreation/recreated.h"
#include "kinds/recreation/recreated_types.h"
#include "kinds/recreation/remade_table.h"
#include "kinds/recreation/succeed_columns.h"
#include "kinds/recreation/type_succession.h"
#include "kinds/registry.h"
#include "planner/draft.h"
#include "support/error.h"

namespace lockstep::planner {

using catalog::Catalog;
using catalog::Change;
using catalog::Index;
using catalog::Object;
using catalog::ObjectId;

void for_subtree(const Catalog& catalog, Index index, const std::function<void(Index)>& visit) {
  visit(index);
  for (const Index child : catalog.children(index)) for_subtree(catalog, child, visit);
}

ObjectId root_of(const Catalog& catalog, const ObjectId& id) {
  const auto index = catalog.index_of(id);
  return index ? catalog.at(catalog.root(*index)).id : id;
}

namespace {

enum class Strategy { in_place, over_the_old, anew };

Strategy strategy_for(const Change& change, const Object& from, const Object& to) {
  const kinds::KindSpec& kind = kinds::of(change.id);
  Strategy way = Strategy::in_place;
  for (const auto& item : change.attributes) {
    const kinds::AttrSpec* attribute = kinds::attribute(kind, item.attribute);
    if (attribute == nullptr)
      throw support::InternalError(catalog::to_string(change.id) + " has no attribute " + std::string(item.attribute));
    if (attribute->clause != nullptr || attribute->recipe != nullptr) continue;
    if (kind.replaceable == nullptr || !kind.replaceable(from, to)) return Strategy::anew;
    way = Strategy::over_the_old;
  }
  return way;
}

class Decider {
 public:
  explicit Decider(const Input& input) : input_(input) {}

  Disposition run() {
    for (const Change& change : input_.changes) kinds::refuse_under_typed_tables(change, input_.from, input_.to);
    remake();
    remake_tables();
    for (const Change& change : input_.changes) {
      if (change.what == Change::What::removed) {
        destroy(change.id);
      } else if (change.what == Change::What::added) {
        disposition_.created.insert(change.id);
      } else {
        set(change);
      }
    }
    spread();
    tell_changed();
    build_aside();
    return std::move(disposition_);
  }

 private:
  // What something else makes way for, and comes back as something that old statements can't rely on, is not what it was.
  void tell_changed() {
    for (const Change& change : input_.changes) {
      if (change.what != Change::What::set || !disposition_.rebuilt.contains(change.id)) continue;
      const kinds::KindSpec& kind = kinds::of(change.id);
      const bool means_otherwise = std::any_of(change.attributes.begin(), change.attributes.end(), [&](const auto& item) {
        const kinds::AttrSpec& attribute = *kinds::attribute(kind, item.attribute);
        return attribute.breaking != nullptr || attribute.recipe != nullptr || attribute.name == kinds::kOwner.name;
      });
      if ((means_otherwise && kind.is_used_by_statements()) ||
          strategy_for(change, *input_.from.find(change.id), *input_.to.find(change.id)) == Strategy::anew)
        disposition_.rebuilt.erase(change.id);
    }
  }

  void build_aside() {
    if (input_.elaborating) return;
    std::set<ObjectId> recreated, changing = disposition_.loosened;
    std::set_intersection(disposition_.destroyed.begin(), disposition_.destroyed.end(), disposition_.created.begin(),
                          disposition_.created.end(), std::inserter(recreated, recreated.end()));
    changing.insert(disposition_.retyped.begin(), disposition_.retyped.end());
    disposition_.aside = kinds::built_aside(input_.to, recreated, changing, [&](const ObjectId& id) {
      const auto found = input_.facts.find(id);
      return found != input_.facts.end() && (found->second.bytes > 0 || input_.coexistence);
    });
  }

  bool is_changed(const ObjectId& id) const {
    return std::any_of(input_.changes.begin(), input_.changes.end(), [&](const Change& change) { return change.id == id; });
  }

  // Types that are recreated under the values that are stored of them.
  void remake() {
    auto types = kinds::recreated_types(input_.changes, input_.from, input_.to);
    // The way back of one step knows the successions of the whole plan.
    for (const ObjectId& id : kinds::succeeded_types(input_.successions))
      if (is_changed(id)) types.insert(id);
    for (const ObjectId& id : types) kinds::refuse_under_typed_tables(id, input_.from, input_.to);
    auto columns = kinds::columns_carried(types, input_.from, input_.to);
    if (columns.empty()) {
      for (const ObjectId& id : types) destroy(id);
      return;
    }
    kinds::refuse_row_types(types, input_.from);
    kinds::refuse_to_retype({columns.begin(), columns.end()}, input_.from, input_.to);
    disposition_.recreated_types = types;
    for (const Change& change : input_.changes) {
      if (change.what == Change::What::set && retypes(change)) columns.erase(change.id);  // to something else
    }
    disposition_.carried = std::move(columns);
    disposition_.loosened.insert(disposition_.carried.begin(), disposition_.carried.end());
    for (const ObjectId& id : types) destroy(id);
  }

  // Tables whose rows are copied into another relation.
  void remake_tables() {
    for (const Change& change : input_.changes) {
      if (!kinds::is_remade(change)) continue;
      kinds::refuse_to_remake(change, input_.changes, input_.from, input_.to);
      refuse_second_names(change.id);
      disposition_.remade.insert(change.id);
      destroy(change.id);
      for (const Catalog* side : {&input_.from, &input_.to}) {
        for (const ObjectId& part : kinds::parts_of_table(change.id, *side)) {
          disposition_.remade_parts.insert(part);
          if (side == &input_.from) destroy(part);
        }
      }
    }
  }

  // What makes a second name work before contract depends on the old relation.
  void refuse_second_names(const ObjectId& table) const {
    const auto renames_part = [&](const Rename& rename) {
      const catalog::Path& path = rename.from.path;
      return path.size() > 1 && std::equal(table.path.begin(), table.path.end(), path.begin());
    };
    if (!input_.coexistence || std::none_of(input_.renames.begin(), input_.renames.end(), renames_part)) return;
    throw support::RefusedError(catalog::to_string(table) +
                                " becomes another relation, and it, or a part of it, gets another name that is to work before "
                                "contract too.\nNothing was changed. Give it the name in an apply of its own.");
  }

  static bool retypes(const Change& change) {
    return std::any_of(change.attributes.begin(), change.attributes.end(), [&](const auto& item) {
      return kinds::attribute(kinds::of(change.id), item.attribute)->rebuilds_dependents;
    });
  }

  void set(const Change& change) {
    if (disposition_.destroyed.contains(change.id)) return;  // with what it is a part of, and recreated as it is wanted
    const Object& from = *input_.from.find(change.id);
    const Object& to = *input_.to.find(change.id);
    if (const auto again = kinds::recreated_columns(change, input_.from, input_.to, input_.server_version); !again.empty()) {
      kinds::refuse_to_retype({change.id}, input_.from, input_.to);
      for (const ObjectId& id : again) destroy(id);
      return;
    }
    if (strategy_for(change, from, to) == Strategy::anew) {
      refuse_loss(change);
      destroy(change.id);
      return;
    }
    disposition_.altered[change.id] = &change;
    if (gets_successor(change)) succeeded_.push_back(change.id);
    const auto along = kinds::made_along(change, input_.from, input_.to);
    kinds::refuse_to_retype(along.retyped, input_.from, input_.to);
    disposition_.retyped.insert(along.retyped.begin(), along.retyped.end());
    for (const ObjectId& id : along.again) again(id, change.id);
    if (kinds::is_inherited(from) != kinds::is_inherited(to)) return;  // said elsewhere from now on, and the same
    if (!retypes(change)) return;
    kinds::refuse_to_retype({change.id}, input_.from, input_.to);
    disposition_.loosened.insert(change.id);
  }

  static bool gets_successor(const Change& change) {
    return std::any_of(change.attributes.begin(), change.attributes.end(),
                       [&](const auto& item) { return kinds::attribute(kinds::of(change.id), item.attribute)->by_successor; });
  }

  // What depends on the old one (a foreign key, a view that groups by a key) makes way for its successor, which is built by then.
  void make_way(const ObjectId& succeeded) {
    if (disposition_.destroyed.contains(succeeded)) return;
    for (const auto& edge : input_.from.edges_to(*input_.from.index_of(succeeded))) {
      const ObjectId& dependent = input_.from.at(edge.dependent).id;
      if (!disposition_.destroyed.contains(dependent) && input_.to.contains(dependent)) again(dependent, succeeded);
    }
    disposition_.loosened.insert(succeeded);
  }

  // Dropping a table or column only to recreate it would lose its rows: that is never a way to change an attribute.
  void refuse_loss(const Change& change) const {
    if (kinds::of(change.id).holds == kinds::Holds::nothing) return;
    std::string what;
    for (const auto& item : change.attributes) {
      what += (what.empty() ? "" : "; ") + std::string(item.attribute) + ": " + catalog::to_string(item.from) + " → " +
              catalog::to_string(item.to);
    }
    throw support::RefusedError(
        catalog::to_string(change.id) + " can't be changed in place (" + what +
        "): PostgreSQL would have to drop it and create it anew, which loses its rows.\n"
        "Nothing was changed. Add a new one beside it, move the data, and drop the old one in a later apply.");
  }

  void destroy(const ObjectId& id) {
    const auto index = input_.from.index_of(id);
    for_subtree(input_.from, *index, [&](Index i) {
      if (disposition_.destroyed.insert(input_.from.at(i).id).second) pending_.push_back(i);
    });
  }

  // What depends on something destroyed (or on something retyped under it) is dropped before and recreated after.
  void spread() {
    for (const ObjectId& id : std::set<ObjectId>(disposition_.loosened)) {
      for (const ObjectId& column : kinds::retyped_along(id, input_.from)) {
        disposition_.loosened.insert(column);
        for (const auto& edge : input_.from.edges_to(*input_.from.index_of(column))) loosen(id, column, edge.dependent);
      }
    }
    for (const ObjectId& id : succeeded_) make_way(id);
    for (std::size_t next = 0; next < pending_.size(); ++next) {
      for (const auto& edge : input_.from.edges_to(pending_[next])) {
        const ObjectId& dependent = input_.from.at(edge.dependent).id;
        if (kinds::holds_one_of(dependent, disposition_.recreated_types, input_.from)) continue;  // carried over, or retyped
        if (disposition_.destroyed.contains(dependent) || lets_go(dependent, input_.from.at(pending_[next]).id)) continue;
        if (edge.automatic && kinds::stays_owned(dependent, input_.from, input_.to) && is_remade(pending_[next])) continue;
        if (!input_.to.contains(dependent)) continue;  // unmanaged or removed elsewhere: reported by the caller
        again(dependent, input_.from.at(pending_[next]).id);
      }
    }
    for (const ObjectId& id : disposition_.destroyed) {
      disposition_.altered.erase(id);
      disposition_.loosened.erase(id);
      disposition_.carried.erase(id);
      if (input_.to.contains(id)) disposition_.created.insert(id);
    }
  }

  bool is_remade(Index part) const { return disposition_.remade.contains(input_.from.at(input_.from.root(part)).id); }

  // Only dependents whose text PostgreSQL prints from a parse tree, or that it refuses to have: not plain keys and indexes.
  // `on`: the column that is altered, or one of a partition or child that changes along with it.
  void loosen(const ObjectId& altered, const ObjectId& on, Index dependent) {
    const Object& object = input_.from.at(dependent);
    const kinds::KindSpec& kind = kinds::of(object.id);
    if (kinds::is_computed_from(object, on) && !disposition_.destroyed.contains(object.id)) {
      for (const ObjectId& id : kinds::with_descendants(object.id, input_.from, input_.to)) destroy(id);
      return;
    }
    if (object.parent && *object.parent == on) return;  // its default: the recipe sees to it
    if (kind.holds == kinds::Holds::rows || kind.made_with_parent || !input_.to.contains(object.id) ||
        disposition_.destroyed.contains(object.id))
      return;
    if (kinds::is_carried_by_succession(object.id, input_.successions)) return;
    // PostgreSQL builds a partition's own index anew with the column, and nobody misses it meanwhile.
    if ((altered != on || keeps_its_values(altered)) && kinds::is_index_of_columns(object)) return;
    const bool joins = kinds::joins_retyped(object, input_.from, input_.to) ||
                       kinds::joins_recreated(object, disposition_.recreated_types, input_.from);
    if (kinds::is_printed(object) || joins) again(object.id, on);
  }

  // A new type for the same values, as the probe has seen it.
  bool keeps_its_values(const ObjectId& column) const {
    const auto probe = input_.probes.find(column);
    return probe != input_.probes.end() && !probe->second.rewrites && !probe->second.scans && !probe->second.builds;
  }

  void again(const ObjectId& id, const ObjectId& because) {
    if (const auto columns = kinds::computed_again(id, input_.from, input_.to); !columns.empty()) {
      kinds::refuse_to_retype(columns, input_.from, input_.to);
      for (const ObjectId& column : columns) {
        disposition_.rebuilt.insert(column);
        destroy(column);
      }
      return;
    }
    if (kinds::of(id).holds != kinds::Holds::nothing) {
      throw support::RefusedError(catalog::to_string(id) + " depends on " + catalog::to_string(because) +
                                  ", which has to be dropped and created anew; dropping the former too would lose its rows.\n"
                                  "Nothing was changed. Make the change in two applies: first free it of that dependency.");
    }
    disposition_.rebuilt.insert(id);
    destroy(id);
  }

  // A change of this plan ends the dependency by itself (a default that now calls another function).
  bool lets_go(const ObjectId& dependent, const ObjectId& on) const {
    if (!input_.to.contains(on)) {
      const auto found = std::lower_bound(input_.changes.begin(), input_.changes.end(), dependent,
                                          [](const Change& change, const ObjectId& id) { return change.id < id; });
      if (found != input_.changes.end() && found->id == dependent && found->what == Change::What::set) {
        const auto from = input_.from.find(dependent), to = input_.to.find(dependent);
        // Only a change of what it says names other objects: not one of when it is checked, or whether it is valid.
        const bool says_otherwise = std::any_of(found->attributes.begin(), found->attributes.end(), [&](const auto& item) {
          const auto* attribute = kinds::attribute(kinds::of(dependent), item.attribute);
          return kinds::may_name_objects(*attribute);
        });
        return says_otherwise && strategy_for(*found, *from, *to) == Strategy::in_place;
      }
    }
    return false;
  }

  const Input& input_;
  Disposition disposition_;
  std::vector<Index> pending_;
  std::vector<ObjectId> succeeded_;  // altered, by another one that takes its place
};

}  // namespace

Disposition decide(const Input& input) {
  return Decider(input).run();
}

}  // namespace lockstep::planner
