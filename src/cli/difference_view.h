// Changes between two catalogs, for people and for scripts: drift, what is pending, two sides of a comparison.
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

// One line an object, with its sign, and one per attribute that changed. What comes or goes with a larger object is only
// counted there.
std::string differences_text(const std::vector<catalog::Change>& changes, std::size_t indent, bool colour);
// [{"change", "kind", "path", "object", "attributes": [{"name", "from", "to"}]}]
nlohmann::ordered_json differences_json(const std::vector<catalog::Change>& changes, const DifferenceWords& words = {});
// A document for stdout: indented, ends with a newline; bytes that are no UTF-8 don't end the command.
std::string json_text(const nlohmann::ordered_json& document);

}  // namespace lockstep::cli
