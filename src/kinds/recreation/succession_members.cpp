#include "kinds/recreation/succession_members.h"

#include <algorithm>

namespace lockstep::kinds {

using recipes::Succession;

const Succession* succession_of(const ObjectId& column, const Context& context) {
  if (context.successions == nullptr) return nullptr;
  for (const Succession& one : context.successions->all) {
    for (const auto& member : one.columns) {
      if (member.id == column) return &one;
    }
  }
  return nullptr;
}

bool is_carried_by_succession(const ObjectId& dependent, const recipes::Successions* successions) {
  return successions != nullptr &&
         std::any_of(successions->all.begin(), successions->all.end(), [&](const Succession& succession) {
           return std::any_of(succession.dependents.begin(), succession.dependents.end(),
                              [&](const auto& one) { return one.id == dependent; });
         });
}

bool is_succeeded_by_name(const ObjectId& column, const recipes::Successions* successions) {
  return successions != nullptr &&
         std::any_of(successions->all.begin(), successions->all.end(), [&](const Succession& succession) {
           return std::any_of(succession.columns.begin(), succession.columns.end(),
                              [&](const auto& one) { return one.named && one.id == column; });
         });
}

const Succession::Column* back_of(const ObjectId& column, const recipes::Successions& successions) {
  if (successions.back == nullptr) return nullptr;
  for (const Succession& one : successions.back->all) {
    for (const auto& member : one.columns) {
      if (member.id == column) return &member;
    }
  }
  return nullptr;
}

}  // namespace lockstep::kinds
