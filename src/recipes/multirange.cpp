#include "recipes/multirange.h"

#include "catalog/keys.h"
#include "support/sql_text.h"

namespace lockstep::recipes {

std::string multirange_of(const catalog::Object& range) {
  if (range.has(keys::kMultirange)) return range.get(keys::kMultirange);
  std::string name = range.id.path[1];
  const std::size_t at = name.find("range");
  name = at == std::string::npos ? name + "_multirange" : name.replace(at, 5, "multirange");
  return support::qualified(range.id.path[0], name.substr(0, 63));
}

}  // namespace lockstep::recipes
