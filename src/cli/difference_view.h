// Changes between two catalogs, for people and for scripts: drift, pending changes, the result of compare.
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
// A document for stdout: indented, with a newline at the end. Bytes that are not UTF-8 are replaced instead of raising an
// error.
std::string json_text(const nlohmann::ordered_json& document);

}  // namespace lockstep::cli
