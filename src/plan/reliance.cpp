#include "plan/reliance.h"

#include <algorithm>

#include "plan/undo.h"
#include "support/sql_text.h"

namespace lockstep::plan {

namespace {

bool left_in_place(const Loss& loss) {
  return !loss.hidden.empty() && !loss.query.empty();
}

// An old column whose successor has its name goes under its hidden name: the object itself stays.
bool takes_away(const Step& step, const Loss& loss) {
  return std::any_of(step.helpers.begin(), step.helpers.end(), [&loss](const Helper& helper) {
    return helper.change == Helper::Change::taken && holds_converted_values(helper) && helper.names.back() == loss.hidden &&
           support::qualified(helper.names[0], helper.names[1]) == loss.relation;
  });
}

bool destroys(const Step& step, const Loss& loss) {
  if (takes_away(step, loss)) return true;
  return std::any_of(step.destroys.begin(), step.destroys.end(), [&loss](const catalog::ObjectId& id) {
    const std::string gone = support::join(id.path, ".");
    return loss.object == gone || loss.object.starts_with(gone + ".");
  });
}

}  // namespace

std::vector<const Step*> relied_on(const Plan& plan, const Step& step) {
  std::vector<const Step*> list;
  for (const Step& earlier : plan.steps) {
    if (earlier.id == step.id) break;
    const bool relies = std::any_of(earlier.losses.begin(), earlier.losses.end(),
                                    [&](const Loss& loss) { return left_in_place(loss) && destroys(step, loss); });
    if (relies) list.push_back(&earlier);
  }
  return list;
}

}  // namespace lockstep::plan
