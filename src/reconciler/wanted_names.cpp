#include "reconciler/wanted_names.h"

#include <optional>

#include "kinds/registry.h"
#include "plan/hazard.h"

namespace lockstep::reconciler {

using catalog::Index;

bool WantedNames::match(const catalog::Catalog& side, Index index) {
  bool any = false;
  for (std::optional<Index> at = index; at; at = side.parent(*at)) any = match(side.at(*at).id) || any;
  const std::string schema = kinds::schema_of(side.at(index).id);
  return any || (!schema.empty() && match_text(schema));
}

std::vector<std::string> WantedNames::unmatched() const {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < globs_.size(); ++i)
    if (!matched_[i]) names.push_back(globs_[i]);
  return names;
}

bool WantedNames::match(const catalog::ObjectId& id) {
  const std::string text = catalog::to_string(id);
  const bool with_kind = match_text(text);
  return match_text(text.substr(id.kind->name.size() + 1)) || with_kind;  // a kind's name may be two words
}

bool WantedNames::match_text(const std::string& text) {
  bool any = false;
  for (std::size_t i = 0; i < globs_.size(); ++i) {
    if (!plan::glob_matches(globs_[i], text)) continue;
    matched_[i] = any = true;
  }
  return any;
}

}  // namespace lockstep::reconciler
