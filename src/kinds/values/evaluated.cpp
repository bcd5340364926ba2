#include "kinds/values/evaluated.h"

#include <algorithm>

#include "kinds/kinds_list.h"
#include "kinds/registry.h"
#include "kinds/routines/routine.h"

namespace lockstep::kinds {

bool is_routine(const KindSpec& kind) {
  return kind.grant_keyword == "FUNCTION" || kind.grant_keyword == "PROCEDURE";
}

bool is_type(const KindSpec& kind) {
  return kind.grant_keyword == "TYPE" || kind.grant_keyword == "DOMAIN";
}

bool evaluated_by_writers(const ObjectId& id) {
  const auto kinds = {&kColumn.tag, &kDefault.tag, &kOverride.tag, &kCheck.tag, &kIndex.tag};
  return std::any_of(kinds.begin(), kinds.end(), [&](const auto* kind) { return id.is(*kind); });
}

Called called_by(const Catalog& catalog, const ObjectId& id) {
  Called called;
  std::set<catalog::Index> seen;
  std::vector<catalog::Index> open;
  const auto follow = [&](catalog::Index index) {
    for (const auto& edge : catalog.edges_from(index)) open.push_back(edge.referenced);
  };
  if (const auto index = catalog.index_of(id)) follow(*index);
  while (!open.empty()) {
    const catalog::Index index = open.back();
    open.pop_back();
    if (!seen.insert(index).second) continue;
    const Object& used = catalog.at(index);
    if (is_routine(of(used.id))) {
      called.routines.insert(used.id.path);
      if (used.has(routine::kSqlBody) && !used.get(routine::kSecurityDefiner)) follow(index);
    } else if (used.id.is(kSequence.tag)) {
      called.sequences.insert(used.id.path);
    } else if (used.id.is(kOperator.tag) || used.id.is(kDomainConstraint.tag)) {
      follow(index);
    } else if (used.id.is(kDomain.tag)) {
      follow(index);
      for (const catalog::Index check : catalog.children(index)) open.push_back(check);
    }
  }
  return called;
}

}  // namespace lockstep::kinds
