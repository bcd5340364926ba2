#include "kinds/relations/whole_row.h"

#include <algorithm>
#include <cctype>

#include "catalog/keys.h"
#include "kinds/kinds_list.h"

namespace lockstep::kinds {
namespace {

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

bool in_word(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '"' || c == '.';
}

// "new.*", or "new" without a column after it. A false match (in a literal) is harmless: the column is then added one step
// later.
bool reads_whole_new_row(const Object& trigger) {
  const std::string action = lower(trigger.get(keys::kAction));
  constexpr std::string_view kNew = "new";
  const std::size_t end = action.find("execute ");
  for (auto at = action.find(kNew, action.find("when")); at < end; at = action.find(kNew, at + 1)) {
    const std::size_t after = at + kNew.size();
    const bool word =
        (at == 0 || !in_word(action[at - 1])) && (after >= action.size() || !in_word(action[after]) || action[after] == '.');
    if (word && (after >= action.size() || action[after] != '.' || action.substr(after, 2) == ".*")) return true;
  }
  return false;
}

}  // namespace

std::vector<ObjectId> triggers_before(const Object& column, const Catalog& catalog) {
  if (!column.id.is(kColumn.tag) || !column.has(keys::kGenerated) || !column.parent) return {};
  const auto table = catalog.index_of(*column.parent);
  if (!table) return {};
  std::vector<ObjectId> triggers;
  for (const auto child : catalog.children(*table)) {
    const Object& object = catalog.at(child);
    if (!object.id.is(kTrigger.tag) || !lower(object.get(keys::kEvents)).starts_with("before")) continue;
    if (reads_whole_new_row(object)) triggers.push_back(object.id);
  }
  return triggers;
}

}  // namespace lockstep::kinds
