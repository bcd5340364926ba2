#include <nlohmann/json.hpp>

#include "catalog/value_json.h"
#include "cli/differences.h"

namespace lockstep::cli {

using catalog::Change;
using nlohmann::ordered_json;

ordered_json differences_json(const std::vector<Change>& changes, const DifferenceWords& words) {
  ordered_json list = ordered_json::array();
  for (const Change& change : changes) {
    const std::string_view word = change.what == Change::What::added     ? words.added
                                  : change.what == Change::What::removed ? words.removed
                                                                         : words.changed;
    ordered_json one = {
        {"change", word}, {"kind", change.id.kind->name}, {"path", change.id.path}, {"object", catalog::to_string(change.id)}};
    one["attributes"] = ordered_json::array();
    for (const auto& attribute : change.attributes)
      one["attributes"].push_back({{"name", attribute.attribute},
                                   {"from", catalog::value_json(attribute.from)},
                                   {"to", catalog::value_json(attribute.to)}});
    list.push_back(std::move(one));
  }
  return list;
}

}  // namespace lockstep::cli
