#include "plan/final_names.h"

namespace lockstep::plan {
std::string FinalNames::in(std::string text) const {
  for (const auto& [transitional, final] : names_) {
    for (auto at = text.find(transitional); at != std::string::npos; at = text.find(transitional, at + final.size()))
      text.replace(at, transitional.size(), final);
  }
  return text;
}

void FinalNames::tell(Steps& steps) const {
  for (Step& step : steps) {
    step.title = in(step.title);
    for (Loss& loss : step.losses) loss.what = in(loss.what);
    for (std::string& lost : step.undo.lost) lost = in(lost);
    step.undo.refused = in(step.undo.refused);
    tell(step.undo.steps);
  }
}

void FinalNames::tell(Plan& plan) const {
  if (names_.empty()) return;
  tell(plan.steps);
  for (std::string& note : plan.notes) note = in(note);
  for (ValueNote& value : plan.values) value.object = in(value.object);
}

std::vector<ChangeNote> changes_for_people(const Plan& plan) {
  FinalNames names;
  std::vector<ChangeNote> changes;
  for (const ChangeNote& note : plan.changes) {
    // "sequence s.lockstep_new_…": plain letters, so that the name begins after the last dot or blank
    if (note.transitional) names.add(note.object.substr(note.object.find_last_of(". ") + 1), note.becomes);
  }
  for (const ChangeNote& note : plan.changes) {
    if (note.transitional) continue;
    changes.push_back(note);
    changes.back().object = names.in(note.object);
    changes.back().detail = names.in(note.detail);
  }
  return changes;
}

}  // namespace lockstep::plan
