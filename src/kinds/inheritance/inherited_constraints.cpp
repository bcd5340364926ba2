#include "kinds/inheritance/inherited_constraints.h"

#include <algorithm>

#include "catalog/keys.h"
#include "kinds/kinds_list.h"
#include "kinds/registry.h"
#include "recipes/descendants.h"
#include "support/sql_text.h"

namespace lockstep::kinds {
namespace {

constexpr std::string_view kConstraint = "constraint ", kShare = "index ";

std::string name_of(const std::string& entry) {
  return entry.substr(entry.find(' ') + 1);
}

// Whether the table keeps none of its parents.
bool leaves(const ObjectId& table, const Context& context) {
  const auto before = recipes::parents_of(context.from, table), after = recipes::parents_of(context.to, table);
  return !before.empty() && context.to.contains(table) && std::none_of(before.begin(), before.end(), [&](const ObjectId& parent) {
    return std::find(after.begin(), after.end(), parent) != after.end();
  });
}

// A table's children in their order, without satellites.
std::vector<const Object*> children(const Catalog& catalog, const ObjectId& table) {
  std::vector<const Object*> found;
  const auto index = catalog.index_of(table);
  if (!index) return found;
  for (const auto child : catalog.children(*index)) {
    if (!of(catalog.at(child).id).is_satellite()) found.push_back(&catalog.at(child));
  }
  return found;
}

bool equal_but_for_the_name(const Object& a, const Object& b) {
  const auto& kind = of(a.id);
  return std::all_of(kind.attributes.begin(), kind.attributes.end(), [&](const AttrSpec& attribute) {
    return attribute.derived || attribute.facet || a.value(attribute.name) == b.value(attribute.name);
  });
}

// Whether a former parent has the same check.
bool any_parent_says(const Object& check, const Context& context) {
  const auto parents = recipes::parents_of(context.from, *check.parent);
  return std::any_of(parents.begin(), parents.end(), [&](const ObjectId& parent) {
    const Object* theirs = context.from.find({check.id.kind, {parent.path[0], parent.path[1], check.id.path.back()}});
    return theirs != nullptr && equal_but_for_the_name(check, *theirs);
  });
}

}  // namespace

std::string inherited_constraints_sql() {
  // A foreign key to a partitioned table has a pg_constraint row on its own table for each referenced partition. Those rows are
  // not inherited.
  const std::string constraints = "SELECT '" + std::string(kConstraint) +
                                  R"sql(' || k.conname AS entry FROM pg_catalog.pg_constraint k
  WHERE k.conrelid = c.oid AND k.contype IN ('c', 'f', 'p', 'u', 'x') AND k.coninhcount > 0
    AND (c.relispartition OR NOT k.conislocal)
    AND NOT EXISTS (SELECT FROM pg_catalog.pg_constraint p WHERE p.oid = k.conparentid AND p.conrelid = k.conrelid))sql";
  // By name, which a constraint and its index share, because no index exists for finding a constraint by its index.
  const std::string shares = "SELECT '" + std::string(kShare) +
                             R"sql(' || i.relname FROM pg_catalog.pg_index x
  JOIN pg_catalog.pg_class i ON i.oid = x.indexrelid AND i.relispartition
  WHERE x.indrelid = c.oid AND NOT EXISTS (SELECT FROM pg_catalog.pg_constraint k
    WHERE k.conrelid = c.oid AND k.conname = i.relname AND k.contype IN ('p', 'u', 'x')))sql";
  return "(SELECT pg_catalog.array_agg(s.entry ORDER BY s.entry)::pg_catalog.text[] FROM (" + constraints + " UNION ALL " +
         shares + ") s)";
}

bool stays_behind(const Object& wanted, const Context& context) {
  if (!wanted.parent || of(wanted.id).is_satellite() || context.from.contains(wanted.id)) return false;
  const Object* before = context.from.find(*wanted.parent);
  if (before == nullptr || !before->has(kFromParents) || !leaves(before->id, context)) return false;
  if (wanted.id.is(kCheck.tag) && !any_parent_says(wanted, context)) return false;  // it goes with the parents, and is added anew
  const List names = before->get(kFromParents);
  return std::any_of(names.begin(), names.end(), [&](const auto& entry) { return name_of(entry) == wanted.id.path.back(); });
}

bool taken_over(const Object& own, const Context& context) {
  if (!own.parent || of(own.id).is_satellite() || of(own.id).made_with_parent || context.to.contains(own.id)) return false;
  if (!own.parent->is(kTable.tag) || context.is_new(*own.parent)) return false;
  const Object* table = context.to.find(*own.parent);
  if (table == nullptr || !table->has(keys::kPartitionOf)) return false;  // INHERIT leaves it as the table's own
  const auto before = recipes::parents_of(context.from, *own.parent);
  for (const ObjectId& parent : recipes::parents_of(context.to, *own.parent)) {
    if (std::find(before.begin(), before.end(), parent) != before.end()) continue;
    for (const Object* theirs : children(context.to, parent)) {
      if (theirs->id.kind != own.id.kind || !equal_but_for_the_name(own, *theirs)) continue;
      // An index of the parent is made, or replaced, once its partitions are there (recipes/concurrent_index.h).
      const Object* now = own.id.is(kIndex.tag) ? context.from.find(theirs->id) : theirs;
      if (now == nullptr || !equal_but_for_the_name(own, *now)) continue;
      if (!own.id.is(kCheck.tag) || theirs->id.path.back() == own.id.path.back()) return true;  // a CHECK is matched by its name
    }
  }
  return false;
}

void add_what_stays(Step& step, const Object& from, const Context& context) {
  if (!from.has(kFromParents) || !leaves(from.id, context)) return;
  std::vector<std::string> wanted;
  for (const Object* object : children(context.to, from.id)) {
    if (!stays_behind(*object, context)) continue;
    step.produces.push_back(object->id);
    wanted.push_back(object->id.path.back());
  }
  if (!recipes::parents_of(context.to, from.id).empty()) return;  // its next parents may take over the others
  for (const std::string& entry : from.get(kFromParents)) {
    const std::string name = name_of(entry);
    if (std::find(wanted.begin(), wanted.end(), name) != wanted.end()) continue;
    step.sql.push_back(entry.starts_with(kShare) ? "DROP INDEX " + support::qualified(from.id.path[0], name)
                                                 : "ALTER TABLE " + support::qualified(from.id.path) + " DROP CONSTRAINT " +
                                                       support::quote_identifier(name));
  }
}

void add_what_is_taken_over(Step& step, const Object& to, const Context& context) {
  for (const Object* object : children(context.from, to.id)) {
    if (taken_over(*object, context)) step.destroys.push_back(object->id);
  }
}

}  // namespace lockstep::kinds
