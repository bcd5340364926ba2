#include "kinds/inheritance/new_parents.h"

#include <algorithm>
#include <string>

#include "catalog/keys.h"
#include "kinds/columns/column_text.h"
#include "kinds/kinds_list.h"
#include "recipes/descendants.h"
#include "support/error.h"
#include "support/sql_text.h"

namespace lockstep::kinds {

void refuse_new_parents(const Change& change, const Catalog& from, const Catalog& to) {
  const bool moves =
      change.id.is(kTable.tag) && std::any_of(change.attributes.begin(), change.attributes.end(),
                                              [](const auto& item) { return item.attribute == keys::kInherits.name; });
  if (!moves || !to.find(change.id)->has(keys::kInherits)) return;
  List own;
  for (const auto child : to.children(*to.index_of(change.id))) {
    const Object& column = to.at(child);
    const Object* before = from.find(column.id);
    if (column.id.is(kColumn.tag) && is_inherited(column) && before != nullptr && !is_inherited(*before))
      own.push_back(column.id.path.back());
  }
  for (const ObjectId& parent : recipes::parents_of(to, change.id)) {
    const auto index = to.index_of(parent);
    if (!index) continue;
    for (const auto child : to.children(*index)) {
      const ObjectId& check = to.at(child).id;
      const ObjectId here{check.kind, {change.id.path[0], change.id.path[1], check.path.back()}};
      if (check.is(kCheck.tag) && from.contains(here) && !to.contains(here)) own.push_back(check.path.back());
    }
  }
  if (own.empty()) return;
  throw support::RefusedError(
      catalog::to_string(change.id) +
      " has columns or checks of its own that the files want it only to inherit: " + support::join(own, ", ") +
      ". PostgreSQL has no statement for that.\nNothing was changed. Declare them in the "
      "table too. If somebody took the table from its parent by hand (NO INHERIT), `lockstep adopt` writes "
      "that into the files; or recreate the table by hand.");
}

}  // namespace lockstep::kinds
