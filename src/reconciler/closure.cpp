#include "reconciler/closure.h"

#include <algorithm>
#include <map>
#include <string>
#include <utility>

#include "kinds/names/shared_names.h"
#include "kinds/registry.h"

namespace lockstep::reconciler {

using catalog::Catalog;
using catalog::Edge;
using catalog::Index;
using catalog::Object;
using catalog::ObjectId;

namespace {

bool is_schema(const ObjectId& id) {
  return id.path.size() == 1 && kinds::of(id).placement != kinds::Placement::database;
}

Catalog chosen_of(const Catalog& whole, const std::set<Index>& chosen) {
  std::vector<Object> objects;
  std::map<Index, Index> place;
  for (const Index index : chosen) {
    place[index] = static_cast<Index>(objects.size());
    objects.push_back(whole.at(index));
  }
  std::vector<Edge> edges;
  for (const Index index : chosen) {
    for (const Edge& edge : whole.edges_from(index))
      edges.push_back({place.at(index), place.at(edge.referenced), edge.automatic});
  }
  return Catalog(std::move(objects), std::move(edges));
}

// Iterative throughout, so that a catalog's depth can't exhaust the stack.
class Picking {
 public:
  Picking(const Catalog& whole, const Catalog& wanted) : whole_(whole), wanted_(wanted) {}

  void touch(const ObjectId& id) {
    if (const auto index = whole_.index_of(id)) {
      affect(*index);
      light_touch(whole_.root(*index));
    }
    const auto next = wanted_.index_of(id);
    if (!next) return;
    for (const Edge& edge : wanted_.edges_from(*next)) entirely(wanted_.at(edge.referenced).id);
    for (auto above = wanted_.parent(*next); above; above = wanted_.parent(*above)) {
      const auto index = whole_.index_of(wanted_.at(*above).id);
      if (index) light_touch(whole_.root(*index));
    }
  }

  void entirely(const ObjectId& id) {
    if (const auto index = whole_.index_of(id)) entirely(whole_.root(*index));
  }

  void need(const ObjectId& id) {
    if (const auto index = whole_.index_of(id)) need(*index);
  }

  // Relations of one schema share their names, and so do types: what has the name of a new one conflicts with it.
  void namesakes(const std::set<ObjectId>& touched) {
    std::set<std::pair<std::string, std::string>> names;
    for (const ObjectId& id : touched) {
      if (!whole_.contains(id) && !kinds::shared_names(id).empty()) names.emplace(id.path.front(), id.path.back());
    }
    if (names.empty()) return;
    for (Index i = 0; i < whole_.objects().size(); ++i) {
      const ObjectId& id = whole_.at(i).id;
      const bool in_the_way =
          kinds::of(id).is_relation() || (id.path.size() == 2 && kinds::of(id).placement != kinds::Placement::database);
      if (in_the_way && names.contains({id.path.front(), id.path.back()})) entirely(id);
    }
  }

  // Objects outside every schema, except those about relations (a publication of tables), which are added with the relations.
  void outside_schemas() {
    for (Index i = 0; i < whole_.objects().size(); ++i) {
      if (whole_.parent(i)) continue;
      const auto& needs = whole_.edges_from(i);
      const bool of_relations = std::any_of(needs.begin(), needs.end(), [&](const Edge& edge) {
        return kinds::of(whole_.at(whole_.root(edge.referenced)).id).is_relation();
      });
      if (!of_relations) need(i);
    }
  }

  Closure result() const {
    Closure closure{.catalog = chosen_of(whole_, chosen_), .entire = {}};
    for (const Index root : entire_) closure.entire.insert(whole_.at(root).id);
    return closure;
  }

 private:
  // The object, or one it depends on, changes: all its dependents may have to be recreated.
  void affect(Index first) {
    std::vector<Index> open{first};
    while (!open.empty()) {
      const Index index = open.back();
      open.pop_back();
      if (!affected_.insert(index).second) continue;
      entirely(whole_.root(index));
      if (is_schema(whole_.at(index).id)) continue;  // not everything in the schema
      for (const Index child : whole_.children(index)) open.push_back(child);
      for (const Edge& edge : whole_.edges_to(index)) open.push_back(edge.dependent);
    }
  }

  // A part of it changes. That doesn't affect its other parts, but what inherits from it changes with it.
  void light_touch(Index root) {
    entirely(root);
    if (is_schema(whole_.at(root).id)) return;
    ancestors(root);
    for (const Edge& edge : whole_.edges_to(root)) {
      if (whole_.root(edge.dependent) != root) affect(edge.dependent);
    }
  }

  // A step about a descendant runs after all changes of what it inherits from (recipes/descendants.h), so it refers to that
  // too.
  void ancestors(Index descendant) {
    std::vector<Index> open{descendant};
    for (std::set<Index> seen; !open.empty();) {
      const Index relation = open.back();
      open.pop_back();
      for (const Edge& edge : whole_.edges_from(relation)) {
        const Index above = edge.referenced;
        if (whole_.root(above) != above || !kinds::of(whole_.at(above).id).is_relation() || !seen.insert(above).second) continue;
        entirely(above);
        open.push_back(above);
      }
    }
  }

  void entirely(Index root) {
    need(root);
    if (is_schema(whole_.at(root).id) || !entire_.insert(root).second) return;
    std::vector<Index> open{root};
    while (!open.empty()) {
      const Index index = open.back();
      open.pop_back();
      need(index);
      for (const Index child : whole_.children(index)) open.push_back(child);
      for (const Edge& edge : whole_.edges_to(index)) need(edge.dependent);  // its shape includes them (relation_shape.h)
    }
  }

  void need(Index first) {
    std::vector<Index> open{first};
    while (!open.empty()) {
      const Index index = open.back();
      open.pop_back();
      if (!chosen_.insert(index).second) continue;
      if (const auto parent = whole_.parent(index)) open.push_back(*parent);
      for (const Edge& edge : whole_.edges_from(index)) open.push_back(edge.referenced);
      const bool shell = kinds::of(whole_.at(index).id).is_relation() || is_schema(whole_.at(index).id);
      for (const Index child : whole_.children(index)) {
        const auto& kind = kinds::of(whole_.at(child).id);
        if (!shell || kind.made_with_parent || kind.is_named_satellite()) open.push_back(child);
      }
    }
  }

  const Catalog& whole_;
  const Catalog& wanted_;
  std::set<Index> chosen_, affected_, entire_;
};

}  // namespace

Closure closure_of(const Catalog& whole, const Catalog& wanted, const std::set<ObjectId>& touched,
                   const std::set<ObjectId>& entire) {
  Picking picking(whole, wanted);
  for (const ObjectId& id : touched) picking.touch(id);
  for (const ObjectId& id : entire) picking.entirely(id);
  picking.namesakes(touched);
  picking.outside_schemas();
  return picking.result();
}

bool contains(const Closure& other, const Closure& closure) {
  const auto& objects = closure.catalog.objects();
  return std::includes(other.entire.begin(), other.entire.end(), closure.entire.begin(), closure.entire.end()) &&
         std::all_of(objects.begin(), objects.end(), [&](const Object& object) { return other.catalog.contains(object.id); });
}

Catalog self_contained(const Catalog& whole, const std::set<ObjectId>& wanted) {
  Picking picking(whole, whole);
  for (const ObjectId& id : wanted) picking.entirely(id);
  picking.outside_schemas();
  return picking.result().catalog;
}

Catalog needed_for(const Catalog& whole, const std::set<ObjectId>& wanted) {
  Picking picking(whole, whole);
  for (const ObjectId& id : wanted) picking.need(id);
  picking.outside_schemas();
  return picking.result().catalog;
}

bool covers(const Closure& closure, const Catalog& whole, const plan::Plan& plan) {
  const auto covered = [&](const ObjectId& id) {
    const auto index = whole.index_of(id);
    if (!index) return true;
    const ObjectId& root = whole.at(whole.root(*index)).id;
    return closure.catalog.contains(id) && (is_schema(root) || closure.entire.contains(root));
  };
  return std::all_of(plan.steps.begin(), plan.steps.end(), [&](const plan::Step& step) {
    const auto all = [&](const auto& ids) { return std::all_of(ids.begin(), ids.end(), covered); };
    return all(step.produces) && all(step.destroys) && all(step.consumes);
  });
}

Catalog with_closure(const Catalog& whole, const Closure& closure, const Catalog& after) {
  std::vector<Object> objects = after.objects();
  const auto gone = [&](const ObjectId& id) { return closure.catalog.contains(id) && !after.contains(id); };
  for (const Object& object : whole.objects()) {
    if (closure.catalog.contains(object.id) || after.contains(object.id)) continue;
    auto above = whole.index_of(object.id);
    while (above && !gone(whole.at(*above).id)) above = whole.parent(*above);
    if (!above) objects.push_back(object);  // otherwise it was removed with the object that contains it
  }
  return Catalog(std::move(objects), after.edges());
}

}  // namespace lockstep::reconciler
