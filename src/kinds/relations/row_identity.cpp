#include "kinds/relations/row_identity.h"

#include <algorithm>
#include <string_view>

#include "catalog/keys.h"
#include "kinds/kinds_list.h"

namespace lockstep::kinds {

std::vector<ObjectId> former_identity(const Change& change, const Catalog& from) {
  const bool changes = std::any_of(change.attributes.begin(), change.attributes.end(),
                                   [](const auto& item) { return item.attribute == keys::kReplicaIdentity.name; });
  if (!change.id.is(kTable.tag) || !changes) return {};
  constexpr std::string_view kIndexPrefix = "index ";
  const auto table = *from.index_of(change.id);
  const std::string identity = from.at(table).get(keys::kReplicaIdentity);
  std::vector<ObjectId> former;
  for (const auto child : from.children(table)) {
    const ObjectId& id = from.at(child).id;
    const bool by_name = identity.starts_with(kIndexPrefix) && id.path.back() == identity.substr(kIndexPrefix.size());
    const bool index = id.is(kIndex.tag) || id.is(kUnique.tag) || id.is(kPrimaryKey.tag);
    if (index && (by_name || (identity.empty() && id.is(kPrimaryKey.tag)))) former.push_back(id);
  }
  return former;
}

}  // namespace lockstep::kinds
