#include "recipes/revalidate.h"

#include "recipes/relation.h"
#include "support/sql_text.h"

namespace lockstep::recipes {

plan::Step unvalidate(const Object& constraint, const std::string& definition) {
  const std::string alter = "ALTER TABLE " + relation_name(constraint.id);
  const std::string name = support::quote_identifier(constraint.id.path.back());
  plan::Step step =
      step_for(constraint, "make " + catalog::to_string(constraint.id) + " NOT VALID",
               {alter + " DROP CONSTRAINT " + name, alter + " ADD CONSTRAINT " + name + " " + definition + " NOT VALID"});
  step.lock = plan::LockMode::access_exclusive;
  return step;
}

}  // namespace lockstep::recipes
