#include "recipes/context.h"

namespace lockstep::recipes {

std::int64_t Context::bytes(const ObjectId& relation) const {
  const auto found = facts.find(relation);
  return found == facts.end() ? 0 : found->second.bytes;
}

plan::Step step_for(const Object& object, std::string title, std::vector<std::string> sql) {
  plan::Step step;
  step.title = std::move(title);
  step.sql = std::move(sql);
  step.produces = {object.id};
  return step;
}

}  // namespace lockstep::recipes
