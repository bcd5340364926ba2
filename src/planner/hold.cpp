#include "planner/hold.h"

#include <algorithm>
#include <map>

#include "catalog/keys.h"
#include "kinds/names/renamed.h"
#include "kinds/recreation/succeed_columns.h"
#include "kinds/registry.h"
#include "recipes/descendants.h"
#include "recipes/detach_partition.h"
#include "support/sql_text.h"

namespace lockstep::planner {
namespace {

using catalog::Catalog;
using catalog::Object;
using catalog::ObjectId;

// Of its columns' own: it goes and comes along.
bool is_owned(const Catalog& from, catalog::Index used, catalog::Index root) {
  const auto& edges = from.edges_from(used);
  return std::any_of(edges.begin(), edges.end(),
                     [&](const auto& edge) { return edge.automatic && from.root(edge.referenced) == root; });
}

// What is in it can be met through another table, or the other way round.
bool is_in_hierarchy(const Catalog& from, const ObjectId& table) {
  const Object& object = *from.find(table);
  if (object.has(recipes::kDetachPending) || object.has(catalog::keys::kPartitionOf) || object.has(catalog::keys::kPartitionBy))
    return true;
  if (!recipes::parents_of(from, table).empty()) return true;
  const auto& edges = from.edges_to(*from.index_of(table));
  return std::any_of(edges.begin(), edges.end(), [&](const auto& edge) {
    const Object& other = from.at(edge.dependent);
    return other.id != table && from.root(edge.dependent) == edge.dependent && kinds::of(other.id).holds == kinds::Holds::rows;
  });
}

bool goes(const Input& input, const Disposition& disposition, const ObjectId& id) {
  return !input.to.contains(id) || disposition.destroyed.contains(id);
}

// Why it can't stay until purge; empty: it can. REQUIRES: the plan drops it, and it is in use.
std::string obstacle(const Input& input, const Disposition& disposition, const ObjectId& id) {
  const Catalog& from = input.from;
  const auto top = *from.index_of(id);
  const ObjectId& root = from.at(from.root(top)).id;
  if (name_after(root, input.renames) != root) return "the plan renames " + catalog::to_string(root);
  if (root == id && is_in_hierarchy(from, id)) return "its rows belong to other tables too, or theirs to it";
  for (const auto& edge : from.edges_to(top)) {  // goes with the last of the columns that it is over
    const Object& over = from.at(edge.dependent);
    const auto& used = from.edges_from(edge.dependent);
    const auto going = std::count_if(used.begin(), used.end(), [&](const auto& one) {
      return from.at(one.referenced).id != over.parent && !input.to.contains(from.at(one.referenced).id);
    });
    if (root != id && edge.automatic && going > 1) return catalog::to_string(over.id) + " goes with it and with another one";
    const bool apart = from.root(edge.dependent) == edge.dependent && kinds::of(over.id).holds == kinds::Holds::nothing;
    if (root != id && edge.automatic && apart && goes(input, disposition, over.id))
      return catalog::to_string(over.id) + " goes with it, and PostgreSQL keeps that as long as the column is there";
  }
  std::string why;
  for_subtree(from, top, [&](catalog::Index index) {
    if (!why.empty()) return;
    const Object& part = from.at(index);
    for (const auto& edge : from.edges_from(index)) {
      const Object& used = from.at(edge.referenced);
      if (from.root(edge.referenced) == from.root(top) || is_owned(from, edge.referenced, from.root(top)) ||
          (part.parent && used.id == *part.parent))
        continue;
      if (root == id && kinds::of(part.id).dropped_before_parent)
        continue;  // a foreign key goes before, or when the table is hidden
      if (goes(input, disposition, used.id)) why = "it uses " + catalog::to_string(used.id) + ", which the plan drops";
      if (name_after(used.id, input.renames) != used.id)
        why = "it uses " + catalog::to_string(used.id) + ", which the plan renames";
    }
    for (const catalog::Change& change : input.changes) {
      const bool taken =
          change.what == catalog::Change::What::added && change.id != part.id && kinds::exclude_each_other(change.id, part.id);
      if (taken) why = catalog::to_string(change.id) + " takes the name of " + catalog::to_string(part.id);
    }
  });
  return why;
}

bool holds_rows(const Input& input, const Disposition& disposition, const ObjectId& id) {
  if (!input.hold || input.elaborating || input.to.contains(id) || !input.from.contains(id)) return false;
  const ObjectId& root = input.from.at(input.from.root(*input.from.index_of(id))).id;
  const auto facts = input.facts.find(root);
  if (facts == input.facts.end() || (facts->second.bytes == 0 && !input.coexistence)) return false;
  return root == id || (input.to.contains(root) && !disposition.destroyed.contains(root));
}

}  // namespace

bool is_held(const Input& input, const Disposition& disposition, const ObjectId& id) {
  if (input.hold && !input.elaborating && input.to.contains(id))
    return input.successions != nullptr && kinds::back_of(id, *input.successions) != nullptr;
  return holds_rows(input, disposition, id) && obstacle(input, disposition, id).empty();
}

namespace {

bool is_in_purge(const plan::Steps& steps, const ObjectId& id) {
  return std::any_of(steps.begin(), steps.end(),
                     [&](const plan::Step& step) { return step.phase == plan::Phase::purge && plan::names(step.destroys, id); });
}

// Why a table or column that the plan drops at once isn't hidden; empty: it is, or has nothing to hold.
std::string why_dropped(const Input& input, const Disposition& disposition, const plan::Steps& steps, const ObjectId& id) {
  const ObjectId& root = input.from.at(input.from.root(*input.from.index_of(id))).id;
  const bool counts = kinds::of(root).holds == kinds::Holds::rows && !kinds::of(id).is_only_definition();
  if (!counts || !holds_rows(input, disposition, id) || is_in_purge(steps, id)) return {};
  const std::string why = obstacle(input, disposition, id);
  return why.empty() ? "a column that is computed, an identity, in the primary key or inherited can't be hidden" : why;
}

bool is_table_renamed(const Input& input, const ObjectId& column) {
  return std::any_of(input.renames.begin(), input.renames.end(), [&](const Rename& rename) {
    const auto& path = rename.from.path;
    return path.size() >= 2 && path.size() <= 3 && std::equal(path.begin(), path.begin() + 2, column.path.begin());
  });
}

// Why the old values of a column whose type changes aren't kept; empty: they are, or no value changes.
std::string why_retyped(const Input& input, const Disposition& disposition, const ObjectId& id) {
  if (id.path.size() < 3 || !input.from.contains(id) || !input.to.contains(id) || is_held(input, disposition, id)) return {};
  const auto facts = input.facts.find(*input.from.find(id)->parent);
  if (facts == input.facts.end() || facts->second.bytes == 0) return {};
  const auto probe = input.probes.find(id);
  const bool succeeds =
      input.successions != nullptr &&
      std::any_of(input.successions->all.begin(), input.successions->all.end(), [&](const auto& one) {
        return std::any_of(one.columns.begin(), one.columns.end(), [&](const auto& column) { return column.id == id; });
      });
  if (!succeeds && !disposition.carried.contains(id) && (probe == input.probes.end() || !probe->second.rewrites)) return {};
  if (is_table_renamed(input, id)) return "the plan renames its table, or a column of it";
  return succeeds ? "its new values have no way back (`back using`), or the plan changes its old type too"
                  : "its type changes in one statement, without a second column";
}

bool retypes(const catalog::Change& change) {
  return std::any_of(change.attributes.begin(), change.attributes.end(),
                     [](const auto& item) { return item.attribute == catalog::keys::kType.name; });
}

}  // namespace

std::vector<std::string> unheld_notes(const Input& input, const Disposition& disposition, const plan::Steps& steps) {
  if (!input.hold || input.elaborating) return {};
  std::map<std::string, std::vector<std::string>> dropped, retyped;  // by the reason
  for (const catalog::Change& change : input.changes) {
    if (change.what == catalog::Change::What::removed) {
      const std::string why = why_dropped(input, disposition, steps, change.id);
      if (!why.empty()) dropped[why].push_back(catalog::to_string(change.id));
    } else if (change.what == catalog::Change::What::set && retypes(change)) {
      const std::string why = why_retyped(input, disposition, change.id);
      if (!why.empty()) retyped[why].push_back(catalog::to_string(change.id));
    }
  }
  for (const ObjectId& column : disposition.carried) {
    const std::string why = why_retyped(input, disposition, column);
    if (!why.empty()) retyped[why].push_back(catalog::to_string(column));
  }
  std::vector<std::string> notes;
  for (const auto& [why, objects] : dropped)
    notes.push_back("the hold keeps nothing of " + support::join(objects, ", ") + ", since " + why +
                    ". It is saved and dropped in contract; after that `lockstep rollback` recreates it and writes back what was "
                    "saved");
  for (const auto& [why, objects] : retyped)
    notes.push_back(
        "the hold keeps no old values of " + support::join(objects, ", ") + ", since " + why +
        ". `lockstep rollback` converts the present values back; former values that the plan saves are in the backup");
  return notes;
}

}  // namespace lockstep::planner
