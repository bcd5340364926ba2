#include "reconciler/said.h"

#include "kinds/registry.h"

namespace lockstep::reconciler {

using catalog::Catalog;
using catalog::Change;
using catalog::ObjectId;

std::string sign_of(const Change& change) {
  if (change.what == Change::What::added) return "+";
  return change.what == Change::What::removed ? "-" : "~";
}

bool says(const plan::Plan& plan, const Change& change, const Catalog& side) {
  const std::string sign = sign_of(change);
  for (const catalog::Object* object = side.find(change.id); object != nullptr;
       object = object->parent ? side.find(*object->parent) : nullptr) {
    const std::string name = catalog::to_string(object->id);
    for (const plan::ChangeNote& note : plan.changes) {
      if (note.sign == sign && note.object == name && (sign != "~" || planner::says_all(note, change))) return true;
    }
    if (sign == "~") return false;
  }
  return false;
}

std::set<std::string> to_come(const Waiting& one) {
  std::set<std::string> names, recreated;
  for (const plan::Step& step : one.plan.steps) {
    if (one.done.contains(step.id)) continue;
    for (const ObjectId& id : step.destroys) names.insert(catalog::to_string(id));
    for (const ObjectId& id : step.produces) {
      if (plan::names(step.destroys, id)) recreated.insert(catalog::to_string(id));
      names.insert(catalog::to_string(id));
    }
  }
  for (const std::string& name : recreated) names.erase(name);
  return names;
}

}  // namespace lockstep::reconciler
