// The relations that a step may lock, as the plan declares them before it is tried anywhere: those of the objects that it
// changes, the tables that inherit from them or that they inherit from, and the relations that these objects refer to or that
// refer to them. The mode is the one that the recipe promises. The proof leaves out what PostgreSQL doesn't lock (adr/0025).
#include <algorithm>
#include <initializer_list>

#include "kinds/registry.h"
#include "planner/draft.h"
#include "support/sql_text.h"

namespace lockstep::planner {

using catalog::Catalog;
using catalog::Index;
using catalog::Object;
using catalog::ObjectId;

namespace {

class Relations {
 public:
  Relations(const Input& input, const plan::Step& step, std::set<ObjectId> objects) : input_(input) {
    for (const auto* ids : {&step.produces, &step.destroys}) objects.insert(ids->begin(), ids->end());
    for (const ObjectId& id : objects) add_with_references(id);
    for (const ObjectId& id : std::set<ObjectId>(relations_)) add_family(id);
  }

  // Qualified, as they are called after `made`; those that exist in one of these.
  std::set<std::string> names(const std::vector<Rename>& made, std::initializer_list<const Catalog*> sides) const {
    std::set<std::string> names;
    for (const ObjectId& id : relations_) {
      const bool exists = std::any_of(sides.begin(), sides.end(), [&](const Catalog* side) { return side->contains(id); });
      if (!exists) continue;
      const ObjectId now = name_after(id, made);
      names.insert(support::qualified(now.path.front(), now.path.back()));
    }
    return names;
  }

 private:
  void add_with_references(const ObjectId& id) {
    for (const Catalog* side : {&input_.from, &input_.to}) {
      const auto index = side->index_of(id);
      if (!index) continue;
      add(*side, *index);
      if (kinds::of(id).empty_before_drop) continue;  // not everything in a schema
      const Index root = side->root(*index);          // of a type's part, the type: it is the type that columns use
      const bool relation = kinds::of(side->at(root).id).is_relation();
      for_subtree(*side, relation ? *index : root, [&](Index part) {
        for (const auto& edge : side->edges_from(part)) add(*side, edge.referenced);
        for (const auto& edge : side->edges_to(part)) add_dependent(*side, edge.dependent);
      });
    }
    if (kinds::of(id).is_satellite()) add_with_references(kinds::target_of(id));
  }

  // Where PostgreSQL recreates a part of a relation (a foreign key), it locks what the part refers to.
  void add_dependent(const Catalog& side, Index dependent) {
    add(side, dependent);
    if (side.root(dependent) == dependent) return;
    for (const auto& edge : side.edges_from(dependent)) add(side, edge.referenced);
  }

  // What the object is a part of, and the object itself where it is a relation too (an index).
  void add(const Catalog& side, Index index) {
    for (const Index one : {index, side.root(index)}) {
      if (kinds::of(side.at(one).id).is_relation()) relations_.insert(side.at(one).id);
    }
  }

  // The tables above and below it, and the relations that refer to one of them: a partition that gets or loses its place gets or
  // loses its share of their foreign keys.
  void add_family(const ObjectId& id) {
    std::vector<ObjectId> open{id};
    while (!open.empty()) {
      const ObjectId one = open.back();
      open.pop_back();
      bool alone = true;
      const auto visit = [&](const Object& other) {
        if (kinds::of(other.id).holds != kinds::Holds::rows) return;
        alone = false;
        if (relations_.insert(other.id).second) open.push_back(other.id);
      };
      for (const Catalog* side : {&input_.from, &input_.to}) {
        const auto index = side->index_of(one);
        if (!index || kinds::of(one).holds != kinds::Holds::rows) continue;
        for (const auto& edge : side->edges_from(*index)) visit(side->at(edge.referenced));
        for (const auto& edge : side->edges_to(*index)) visit(side->at(edge.dependent));
      }
      if (!alone) add_referring(one);
    }
  }

  // By a part of their own (a foreign key), on either side: what goes may still be there.
  void add_referring(const ObjectId& table) {
    for (const Catalog* side : {&input_.from, &input_.to}) {
      const auto index = side->index_of(table);
      if (!index) continue;
      for_subtree(*side, *index, [&](Index part) {
        for (const auto& edge : side->edges_to(part)) {
          if (side->root(edge.dependent) != edge.dependent) add(*side, edge.dependent);
        }
      });
    }
  }

  const Input& input_;
  std::set<ObjectId> relations_;
};

}  // namespace

void declare_locks(const Input& input, const ObjectId& object, plan::Step& step) {
  if (!step.locks.empty() || step.lock == plan::LockMode::none) return;
  for (const std::string& name : Relations(input, step, {object}).names({}, {&input.from}))
    step.locks.push_back({name, step.lock});
}

void declare_locks(const Input& input, std::vector<Draft>& drafts) {
  for (Draft& draft : drafts) {
    declare_locks(input, draft.object, draft.step);
    for (plan::Step& back : draft.step.undo.steps) declare_locks(input, draft.object, back);
  }
}

void declare_rename_locks(const Input& input, const ObjectId& object, const std::vector<Rename>& made, plan::Step& step) {
  if (step.lock == plan::LockMode::none) return;
  const Relations relations(input, step, {object});
  for (const std::string& name : relations.names(made, {&input.from, &input.to})) step.locks.push_back({name, step.lock});
}

}  // namespace lockstep::planner
