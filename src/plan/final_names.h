// What people are told of an object that a plan makes under a transitional name, because another one has yet to give up its own:
// the name that it gets in the end. Statements, locks and ids keep the name that they use. Pure.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "plan/plan.h"

namespace lockstep::plan {

class FinalNames {
 public:
  void add(const std::string& transitional, const std::string& final) { names_[transitional] = final; }
  // Titles, losses and notes of a plan and of its ways back.
  void tell(Plan& plan) const;
  // The text with the final names.
  std::string in(std::string text) const;

 private:
  void tell(Steps& steps) const;

  std::map<std::string, std::string> names_;
};

// The list of changes without the renames from transitional names, and by the final ones.
std::vector<ChangeNote> changes_for_people(const Plan& plan);

}  // namespace lockstep::plan
