#include "reconciler/foreign_code.h"

#include <algorithm>
#include <functional>
#include <map>
#include <set>

#include "catalog/keys.h"
#include "kinds/registry.h"
#include "kinds/values/evaluated.h"
#include "support/sql_text.h"

namespace lockstep::reconciler {
namespace {

using catalog::Catalog;
using catalog::Index;
using catalog::Object;
using catalog::ObjectId;
using catalog::Path;
using postgres::ForeignCodes;

constexpr std::string_view kStep = " (step: ";

std::string owner_of(const Catalog& catalog, const ObjectId& id) {
  const auto index = catalog.index_of(id);
  if (!index) return {};
  const Object& root = catalog.at(catalog.root(*index));
  const Object& object = catalog.at(*index);
  return object.has(kinds::kOwner) ? object.get(kinds::kOwner) : root.has(kinds::kOwner) ? root.get(kinds::kOwner) : "";
}

// The object that contains a part: "shop.orders" for its column.
ObjectId whole_of(const Catalog& catalog, const ObjectId& id) {
  auto index = catalog.index_of(id);
  while (index && catalog.parent(*index) && catalog.at(*catalog.parent(*index)).id.path.size() > 1)
    index = catalog.parent(*index);
  return index ? catalog.at(*index).id : id;
}

bool of_type(const ObjectId& id) {
  return kinds::is_type(kinds::of(id));
}

Path head(const Path& path, std::size_t parts) {
  return {path.begin(), path.begin() + static_cast<std::ptrdiff_t>(std::min(parts, path.size()))};
}

// What an object depends on, directly and indirectly, in one catalog. The walk ends at a relation that is read and at a schema.
class Needs {
 public:
  // `skip`: children of the same whole object that are ignored.
  Needs(const Catalog& catalog, const ObjectId& object, const std::function<bool(const ObjectId&)>& skip) : catalog_(catalog) {
    const auto first = catalog.index_of(object);
    if (!first) return;
    add(*first);
    while (!open_.empty()) {  // iterative, so that a catalog's depth can't exhaust the stack
      const Index index = open_.back();
      open_.pop_back();
      for (const auto& edge : catalog.edges_from(index)) refer(edge.referenced);
      if (object.path.size() == 1) continue;  // not everything in the schema
      const bool own = index == *first || catalog.root(index) == catalog.root(*first);
      for (const Index child : catalog.children(index)) {
        if (!own || !skip(catalog.at(child).id)) add(child);
      }
    }
  }

  std::set<Path> routines, types, relations;

 private:
  void refer(Index index) {
    const ObjectId& id = catalog_.at(index).id;
    const ObjectId& root = catalog_.at(catalog_.root(index)).id;
    if (kinds::is_routine(kinds::of(id))) routines.insert(id.path);
    if (root.path.size() < 2) return;
    const bool stops = kinds::of(root).is_relation() && !of_type(root);
    if (stops) relations.insert(head(root.path, 2));
    if (stops && id == root) types.insert(root.path);  // its row type may be meant
    if (!stops) add(index);
  }
  void add(Index index) {
    if (!seen_.insert(index).second) return;
    open_.push_back(index);
    const ObjectId& root = catalog_.at(catalog_.root(index)).id;
    if (of_type(root)) types.insert(root.path);
  }

  const Catalog& catalog_;
  std::set<Index> seen_;
  std::vector<Index> open_;
};

// Whether the step reads, writes or checks rows of the relations that it locks.
bool works_on_rows(const plan::Step& step) {
  return step.rewrites || step.scans || step.builds || step.converts || !step.checks.empty() ||
         step.mode == plan::TransactionMode::batches ||
         std::any_of(step.sql.begin(), step.sql.end(), [](const std::string& sql) { return sql.starts_with("ANALYZE "); });
}

// Where code is evaluated, for a message.
struct Place {
  ObjectId object;   // the object that is evaluated or defined; without a kind: no single object
  std::string what;  // "column shop.orders.total"
  std::string step;  // its title
};

class Finder {
 public:
  Finder(const plan::Plan& plan, const postgres::Evaluated& evaluated, const Catalog& live, const Catalog& desired,
         const Catalog& whole)
      : plan_(plan), evaluated_(evaluated), live_(live), whole_(whole) {
    std::set<ObjectId> made;
    for (const auto& step : plan.steps) made.insert(step.produces.begin(), step.produces.end());
    for (const Object& object : desired.objects()) {
      if (!made.contains(object.id) || !live.contains(object.id)) declared_.insert(object.id.path);
    }
    for (const Catalog* side : {&live, &whole}) {
      for (const Object& object : side->objects()) {
        if (object.id.path.size() == 2 && kinds::of(object.id).is_relation() && !of_type(object.id))
          relations_.insert_or_assign(support::qualified(object.id.path[0], object.id.path[1]), object.id);
      }
    }
  }

  void definitions(const plan::Step& step, const ObjectId& id) {
    const Needs needs(whole_, id, [&](const ObjectId& child) { return live_.contains(child); });
    look({id, catalog::to_string(id), step.title}, needs);
    retyped(step, id);
  }

  void expressions(const ObjectId& column, const Uses& uses) {
    const plan::Step* runs = nullptr;  // the UPDATE in batches, or else the step that creates the column
    for (const auto& step : plan_.steps) {
      const bool fills = step.batches.schema == column.path[0] && step.batches.table == column.path[1];
      const bool makes = std::find(step.produces.begin(), step.produces.end(), column) != step.produces.end();
      if ((fills && (runs == nullptr || runs->batches.table.empty())) || (makes && runs == nullptr)) runs = &step;
    }
    const Place place{column, catalog::to_string(column), runs == nullptr ? "" : runs->title};
    for (const Path& path : uses.routines) look(place, evaluated_.routines, path);
    for (const Path& path : uses.others) {
      look(place, evaluated_.types, path);
      look(place, evaluated_.relations, path);
    }
    for (const Object& object : whole_.objects()) {  // types that the plan creates
      if (!of_type(object.id) || !uses.others.contains(object.id.path) || live_.contains(object.id)) continue;
      look(place, Needs(whole_, object.id, [](const ObjectId&) { return false; }));
    }
  }

  void rows(const plan::Step& step) {
    const bool works = works_on_rows(step), updates = step.mode == plan::TransactionMode::batches;
    if (!works && step.losses.empty()) return;
    for (const ObjectId& relation : relations_of(step)) {
      const Place place{relation, "what works on the rows of " + catalog::to_string(relation), step.title};
      const Path path = head(relation.path, 2);
      if (works) look(place, evaluated_.rows, path);
      if (updates) look(place, evaluated_.updates, path);
      look(place, evaluated_.relations, path);
      if (works) shown_by_casts(place, relation);
    }
  }

  void statements() {
    for (const auto& code : evaluated_.statements) add({{}, "every step that changes the schema", ""}, code);
  }

  std::vector<plan::ForeignCode> take() { return std::move(found_); }

 private:
  // The relations that a step works on. After the proof, its locks name them.
  std::set<ObjectId> relations_of(const plan::Step& step) const {
    std::set<std::string> names;
    for (const auto& lock : step.locks) {
      if (lock.mode >= plan::LockMode::share_update_exclusive) names.insert(lock.relation);
    }
    for (const auto& loss : step.losses) names.insert(loss.relation);
    if (!step.batches.table.empty()) names.insert(support::qualified(step.batches.schema, step.batches.table));
    for (const auto* ids : {&step.produces, &step.destroys}) {
      for (const ObjectId& id : *ids) {
        if (id.path.size() > 1) names.insert(support::qualified(id.path[0], id.path[1]));
      }
    }
    std::set<ObjectId> found;
    for (const std::string& name : names) {
      if (const auto relation = relations_.find(name); relation != relations_.end()) found.insert(relation->second);
    }
    return found;
  }

  // A data check converts values of rows to text, or compares them as text.
  void shown_by_casts(const Place& place, const ObjectId& relation) {
    if (evaluated_.casts.empty()) return;
    const std::set<Path> types = Needs(live_, relation, [](const ObjectId&) { return false; }).types;
    for (const auto& cast : evaluated_.casts) {
      if (types.contains(cast.source) && cast.target.front() == "pg_catalog") add(place, cast.code);
    }
  }

  // Values of the old type become values of the new one, through whatever cast applies; the trial before the first step
  // converts them back too.
  void retyped(const plan::Step& step, const ObjectId& id) {
    const Object* from = live_.find(id);
    const Object* to = whole_.find(id);
    if (from == nullptr || to == nullptr) return;
    if (!of_type(id) && (!from->has(keys::kType) || from->get(keys::kType) == to->get(keys::kType))) return;
    const auto nothing = [](const ObjectId&) { return false; };
    const Needs old(live_, from->id, nothing), now(whole_, id, nothing);
    const Place place{id, "the conversion of " + catalog::to_string(id), step.title};
    look(place, old);
    std::set<Path> types = old.types;
    types.insert(now.types.begin(), now.types.end());
    const auto known = [&](const Path& path) { return path.front() == "pg_catalog" || types.contains(path); };
    for (const auto& cast : evaluated_.casts) {
      if (known(cast.source) && known(cast.target)) add(place, cast.code);
    }
  }

  void look(const Place& place, const Needs& needs) {
    for (const Path& path : needs.routines) look(place, evaluated_.routines, path);
    for (const Path& path : needs.types) look(place, evaluated_.types, path);
    for (const Path& path : needs.relations) look(place, evaluated_.relations, path);
  }
  void look(const Place& place, const std::map<Path, ForeignCodes>& among, const Path& path) {
    const auto found = among.find(path);
    if (found == among.end()) return;
    for (const auto& code : found->second) add(place, code);
  }

  void add(const Place& place, const postgres::ForeignCode& code) {
    if (!code.reads && declared_.contains(code.path)) return;
    std::string name = "database", user = "runs the plan";
    if (place.object.kind != nullptr) {
      const ObjectId whole = whole_of(whole_.contains(place.object) ? whole_ : live_, place.object);
      if (code.own_table && owner_of(live_, whole) == code.owner) return;
      name = support::join(place.object.path, ".");
      user = "uses " + support::join(whole.path, ".");
    }
    if (!seen_.insert({name, code.code}).second) return;
    const std::string through = code.reads || code.through == code.code ? "" : " through " + code.through;
    const std::string step = place.step.empty() ? "" : std::string(kStep) + place.step + ")";
    found_.push_back({name, place.what + (code.reads ? " reads " : " calls ") + code.code + through + ", which belongs to " +
                                code.owner + ": what that role makes of it runs with the rights of whoever " + user + step});
  }

  const plan::Plan& plan_;
  const postgres::Evaluated& evaluated_;
  const Catalog& live_;
  const Catalog& whole_;
  std::set<Path> declared_;  // what the files declare exactly as it is in the database
  std::map<std::string, ObjectId> relations_;
  std::set<std::pair<std::string, std::string>> seen_;
  std::vector<plan::ForeignCode> found_;
};

}  // namespace

std::vector<plan::ForeignCode> foreign_code(const plan::Plan& plan, const Elaborated& intents,
                                            const postgres::Evaluated& evaluated, const Catalog& live, const Catalog& desired,
                                            const Catalog& whole) {
  if (evaluated.empty()) return {};
  Finder finder(plan, evaluated, live, desired, whole);
  for (const auto& step : plan.steps) {
    for (const ObjectId& object : step.produces) finder.definitions(step, object);
  }
  for (const auto& [column, uses] : intents.uses) finder.expressions(column, uses);
  for (const auto& step : plan.steps) finder.rows(step);
  finder.statements();
  return finder.take();
}

std::vector<plan::ForeignCode> foreign_tables(const plan::Plan& plan, const postgres::Evaluated& evaluated, const Catalog& live,
                                              const std::set<std::string>& done) {
  postgres::Evaluated read;
  for (const auto& [path, codes] : evaluated.relations)
    for (const auto& code : codes)
      if (code.reads) read.relations[path].push_back(code);
  if (read.empty()) return {};
  Finder finder(plan, read, live, live, live);
  for (const auto& step : plan.steps)
    if (!done.contains(step.id)) finder.rows(step);
  // The first step that reads it may already be done.
  const auto told = [](const plan::ForeignCode& one) {
    return std::pair(one.object, one.message.substr(0, one.message.find(kStep)));
  };
  auto found = finder.take();
  std::erase_if(found, [&](const plan::ForeignCode& one) {
    return std::any_of(plan.foreign_code.begin(), plan.foreign_code.end(),
                       [&](const plan::ForeignCode& known) { return told(known) == told(one); });
  });
  return found;
}

}  // namespace lockstep::reconciler
