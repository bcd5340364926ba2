#include "recipes/multirange.h"

#include "support/sql_text.h"

namespace lockstep::recipes {

std::string multirange_of(const catalog::Object& range) {
  constexpr catalog::Attr<std::string> kMultirange{"multirange"};
  if (range.has(kMultirange)) return range.get(kMultirange);
  std::string name = range.id.path[1];
  const std::size_t at = name.find("range");
  name = at == std::string::npos ? name + "_multirange" : name.replace(at, 5, "multirange");
  return support::qualified(range.id.path[0], name.substr(0, 63));
}

}  // namespace lockstep::recipes
