// Changes between two catalogs, as a part of documents: drift, pending changes, the result of compare.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "catalog/change.h"

namespace lockstep::cli {

// What the signs + (added), - (removed) and ~ (changed) are called in JSON.
struct DifferenceWords {
  std::string_view added = "added", removed = "removed", changed = "changed";
};

// One line an object, with its sign, and one for each attribute that changed. Parts that are added or removed with a larger
// object are only counted.
std::string differences_text(const std::vector<catalog::Change>& changes, std::size_t indent, bool colour);
// [{"change", "kind", "path", "object", "attributes": [{"name", "from", "to"}]}]
nlohmann::ordered_json differences_json(const std::vector<catalog::Change>& changes, const DifferenceWords& words = {});

}  // namespace lockstep::cli
