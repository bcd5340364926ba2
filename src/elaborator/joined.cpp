#include "elaborator/joined.h"

#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "kinds/names/shared_names.h"

namespace lockstep::elaborator {

using catalog::Catalog;
using catalog::Index;
using catalog::Object;
using catalog::ObjectId;

std::optional<Catalog> joined(const Unchanged& unchanged, const Catalog& elaborated, const Catalog& live) {
  std::vector<Object> objects;
  std::unordered_map<ObjectId, Index, catalog::ObjectIdHash> place;
  std::set<std::string> names;
  const auto add = [&](const Object& object) {
    for (auto& name : kinds::shared_names(object.id)) {
      if (!names.insert(std::move(name)).second) return false;
    }
    if (!place.emplace(object.id, static_cast<Index>(objects.size())).second) return false;
    objects.push_back(object);
    return true;
  };
  std::vector<bool> read(elaborated.objects().size());
  for (Index i = 0; i < read.size(); ++i) {
    const Index root = elaborated.root(i);
    if (unchanged.used.contains(elaborated.at(root).id)) continue;
    const auto there = live.index_of(elaborated.at(i).id);
    if (there && unchanged.kept[*there]) continue;  // schema public of every new database
    read[i] = true;
    if (!add(elaborated.at(i))) return std::nullopt;
  }
  for (Index i = 0; i < live.objects().size(); ++i) {
    if (unchanged.kept[i] && !add(live.at(i))) return std::nullopt;
  }
  std::vector<catalog::Edge> edges;
  bool whole = true;
  const auto connect = [&](const Catalog& side, Index dependent) {
    for (const auto& edge : side.edges_from(dependent)) {
      const auto other = place.find(side.at(edge.referenced).id);
      if (other == place.end()) {
        whole = false;
      } else {
        edges.push_back({place.at(side.at(dependent).id), other->second, edge.automatic});
      }
    }
  };
  for (Index i = 0; i < read.size(); ++i) {
    if (read[i]) connect(elaborated, i);
  }
  for (Index i = 0; i < live.objects().size(); ++i) {
    if (unchanged.kept[i]) connect(live, i);
  }
  for (const Object& object : objects) whole = whole && (!object.parent || place.contains(*object.parent));
  return whole ? std::optional(Catalog(std::move(objects), std::move(edges))) : std::nullopt;
}

}  // namespace lockstep::elaborator
