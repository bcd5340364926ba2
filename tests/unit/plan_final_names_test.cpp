#include <catch2/catch.hpp>

#include "plan/final_names.h"

using namespace lockstep;

TEST_CASE("an object under a transitional name is told by the name that it gets") {
  plan::Plan plan;
  plan.changes = {{">", "primary key s.t.x", "renamed to y", "", {}, "y"},
                  {">", "sequence s.lockstep_new_0123456789ab", "renamed to x", "", {}, "x", true},
                  {">", "table s.lockstep_new_ba9876543210", "renamed to z", "", {}, "z"},  // somebody has called it so
                  {"+", "sequence s.lockstep_new_0123456789ab", "", "a.schema:1:1", {}}};
  const auto changes = plan::changes_for_people(plan);
  REQUIRE(changes.size() == 3);
  CHECK(changes[0].object == "primary key s.t.x");
  CHECK(changes[1].object == "table s.lockstep_new_ba9876543210");
  CHECK(changes[2].sign == "+");
  CHECK(changes[2].object == "sequence s.x");

  plan::Step step;
  step.title = "create sequence s.lockstep_new_0123456789ab";
  step.sql = {"CREATE SEQUENCE s.lockstep_new_0123456789ab"};
  plan.steps = {step};
  plan.notes = {"sequence s.q goes and sequence s.lockstep_new_0123456789ab, which is like it, comes"};
  plan::FinalNames names;
  names.add("lockstep_new_0123456789ab", "x");
  names.tell(plan);
  CHECK(plan.steps[0].title == "create sequence s.x");
  CHECK(plan.steps[0].sql[0] == "CREATE SEQUENCE s.lockstep_new_0123456789ab");
  CHECK(plan.notes[0] == "sequence s.q goes and sequence s.x, which is like it, comes");
}
