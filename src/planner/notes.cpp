// What changes and why, per object, for people.
#include <algorithm>

#include "kinds/registry.h"
#include "planner/draft.h"

namespace lockstep::planner {

using catalog::Change;
using catalog::ObjectId;

namespace {

std::string shortened(const catalog::Value& value) {
  std::string text;
  if (const auto* plain = std::get_if<std::string>(&value)) {
    text = *plain;
  } else {
    text = catalog::is_absent(value) ? "none" : catalog::to_string(value);
  }
  std::replace(text.begin(), text.end(), '\n', ' ');
  constexpr std::size_t kMost = 60;
  if (text.size() <= kMost) return text;
  std::size_t cut = kMost;
  while (cut > 0 && (static_cast<unsigned char>(text[cut]) & 0xC0U) == 0x80U) --cut;  // not inside a character
  return text.substr(0, cut) + "…";
}

std::string detail(const Change& change) {
  std::string text;
  for (const auto& item : change.attributes) {
    text += (text.empty() ? "" : "; ") + std::string(item.attribute) + ": " + shortened(item.from) + " → " + shortened(item.to);
  }
  return text;
}

}  // namespace

std::vector<plan::ChangeNote> change_notes(const Input& input, const Fate& fate) {
  std::vector<plan::ChangeNote> notes;
  const auto place = [&](const ObjectId& id) {
    const auto found = input.places.find(id);
    return found == input.places.end() ? std::string{} : found->second;
  };
  const auto said_by_parent = [](const catalog::Catalog& side, const ObjectId& id, const std::set<ObjectId>& set) {
    const auto* object = side.find(id);
    return object->parent && set.contains(*object->parent);
  };
  for (const auto& rename : input.renames) {
    notes.push_back({">", catalog::to_string(rename.from), "renamed to " + rename.to.path.back(), place(rename.to)});
  }
  for (const Change& change : input.changes) {
    const std::string name = catalog::to_string(change.id);
    if (change.what == Change::What::added) {
      if (!said_by_parent(input.to, change.id, fate.created)) notes.push_back({"+", name, "", place(change.id)});
    } else if (change.what == Change::What::removed) {
      if (!said_by_parent(input.from, change.id, fate.destroyed)) notes.push_back({"-", name, "", ""});
    } else {
      const bool anew = fate.destroyed.contains(change.id);
      notes.push_back({"~", name, detail(change) + (anew ? " (dropped and made again)" : ""), place(change.id)});
    }
  }
  for (const ObjectId& id : fate.rebuilt) {
    const bool changed =
        std::any_of(input.changes.begin(), input.changes.end(), [&](const Change& change) { return change.id == id; });
    if (!changed) notes.push_back({"~", catalog::to_string(id), "made again: depends on what changes", place(id)});
  }
  return notes;
}

}  // namespace lockstep::planner
