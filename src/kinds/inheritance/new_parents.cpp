#include "kinds/inheritance/new_parents.h"

#include <algorithm>
#include <string>

#include "catalog/keys.h"
#include "kinds/columns/column_text.h"
#include "kinds/kinds_list.h"
#include "recipes/descendants.h"
#include "recipes/relation.h"
#include "support/error.h"
#include "support/sql_text.h"

namespace lockstep::kinds {
namespace {

bool becomes_inherited(const ObjectId& column, const Catalog& from, const Catalog& to) {
  const Object *before = from.find(column), *after = to.find(column);
  return before != nullptr && after != nullptr && !is_inherited(*before) && is_inherited(*after);
}

// A check that the table has itself in `from`, and in `to` only because a parent has it.
bool is_only_of_parents(const ObjectId& check, const Catalog& from, const Catalog& to) {
  if (!from.contains(check) || to.contains(check)) return false;
  const auto parents = recipes::parents_of(to, recipes::relation_of(check));
  return std::any_of(parents.begin(), parents.end(), [&](const ObjectId& parent) {
    return to.contains({check.kind, {parent.path[0], parent.path[1], check.path.back()}});
  });
}

// INHERIT refuses a check of the same name that says something else.
bool equals_a_parents(const ObjectId& check, const Catalog& from, const Catalog& to) {
  const auto parents = recipes::parents_of(to, recipes::relation_of(check));
  return std::any_of(parents.begin(), parents.end(), [&](const ObjectId& parent) {
    const Object* theirs = to.find({check.kind, {parent.path[0], parent.path[1], check.path.back()}});
    return theirs != nullptr && theirs->attributes == from.find(check)->attributes;
  });
}

bool has_same_settings(const ObjectId& column, const Catalog& from, const Catalog& to) {
  return recipes::differences(recipes::state_of(from, column), recipes::state_of(to, column)).empty();
}

}  // namespace

void refuse_new_parents(const Change& change, const Catalog& from, const Catalog& to) {
  const bool moves =
      change.id.is(kTable.tag) && std::any_of(change.attributes.begin(), change.attributes.end(),
                                              [](const auto& item) { return item.attribute == keys::kInherits.name; });
  if (!moves || !to.find(change.id)->has(keys::kInherits)) return;
  List own;
  for (const auto child : to.children(*to.index_of(change.id))) {
    const ObjectId& id = to.at(child).id;
    if (id.is(kColumn.tag) && becomes_inherited(id, from, to)) own.push_back(id.path.back());
  }
  for (const auto child : from.children(*from.index_of(change.id))) {
    const ObjectId& id = from.at(child).id;
    if (id.is(kCheck.tag) && is_only_of_parents(id, from, to)) own.push_back(id.path.back());
  }
  if (own.empty()) return;
  throw support::RefusedError(
      catalog::to_string(change.id) +
      " has columns or checks of its own that the files want it only to inherit: " + support::join(own, ", ") +
      ". PostgreSQL has no statement for that.\nNothing was changed. Declare them in the "
      "table too. If somebody took the table from its parent by hand (NO INHERIT), `lockstep adopt` writes "
      "that into the files; or recreate the table by hand.");
}

bool stays_own(const ObjectId& id, const Catalog& from, const Catalog& to) {
  if (id.path.size() < 3) return false;
  const Object* table = to.find(recipes::relation_of(id));
  if (table == nullptr || !table->has(keys::kInherits)) return false;
  if (id.is(kCheck.tag)) return is_only_of_parents(id, from, to) && equals_a_parents(id, from, to);
  const ObjectId column{&kColumn.tag, id.path};
  const bool states_settings = id == column || id.is(kDefault.tag) || id.is(kOverride.tag);
  return states_settings && becomes_inherited(column, from, to) && has_same_settings(column, from, to);
}

}  // namespace lockstep::kinds
