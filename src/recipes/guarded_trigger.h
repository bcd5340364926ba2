// Triggers that a backfill's own UPDATEs don't fire, while those of everybody else do.
//
// Each is made again in place (CREATE OR REPLACE TRIGGER: the same one, SHARE ROW EXCLUSIVE, brief) with a guard before its own
// condition, and afterwards as it was. Only the batches turn the guard's setting on, each within its transaction. Whatever ends
// the run between leaves a trigger that does what it did.
#pragma once

#include <string>
#include <vector>

#include "recipes/context.h"

namespace lockstep::recipes {

class GuardedTriggers {
 public:
  // `column`: of the table whose triggers these are. Throws RefusedError that says which one can't be guarded, and why.
  GuardedTriggers(const Object& column, const std::vector<std::string>& names, const Context& context);
  plan::Step guard() const;
  plan::Step as_they_were() const;

 private:
  plan::Step step(std::string title, bool guarded) const;
  const Object& column_;
  std::vector<const Object*> triggers_;
};

// "FOR EACH ROW WHEN ((new.a > 1)) EXECUTE FUNCTION app.f()" with the guard: "FOR EACH ROW WHEN (<guard> AND ((new.a > 1))) …".
// Empty: the text isn't of that form.
std::string with_guard(const std::string& action);

}  // namespace lockstep::recipes
