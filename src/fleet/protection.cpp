#include "fleet/protection.h"

#include <fmt/format.h>

#include <algorithm>

#include "executor/applied.h"
#include "reconciler/protect.h"
#include "reconciler/state.h"
#include "support/error.h"
#include "support/visible.h"

namespace lockstep::fleet {
namespace {

// "billing.invoices" from "billing.invoices.total"; a name with one part stays.
std::string table_of(const std::string& object) {
  const std::size_t first = object.find('.');
  const std::size_t second = first == std::string::npos ? first : object.find('.', first + 1);
  return object.substr(0, second);
}

bool loses(const plan::Plan& plan, const plan::Hazard& hazard) {
  const auto step =
      std::find_if(plan.steps.begin(), plan.steps.end(), [&](const plan::Step& one) { return one.id == hazard.step; });
  return step != plan.steps.end() && std::any_of(step->losses.begin(), step->losses.end(),
                                                 [&](const plan::Loss& loss) { return loss.hazard == hazard.kind; });
}

}  // namespace

void refuse_harm(const Protection& protection, const plan::Plan& plan, const std::vector<plan::Hazard>& hazards,
                 const std::string& environment) {
  for (const plan::Hazard& hazard : hazards) {
    const bool lost = loses(plan, hazard);
    const bool guarded = (lost || hazard.kind == "rewrite") &&
                         std::any_of(protection.tables.begin(), protection.tables.end(), [&](const std::string& glob) {
                           return plan::glob_matches(glob, table_of(hazard.object)) || plan::glob_matches(glob, hazard.object);
                         });
    const bool denied = protection.deny_drops && lost && hazard.kind.starts_with("drop-");
    if (guarded || denied)
      throw support::RefusedError(fmt::format(
          "{} is protected in environment {} ({}), and step {}: {}.\nNothing was changed. Nothing overrides `protect:`; lift it "
          "in "
          "lockstep.yaml, in a change of its own.",
          support::visible(hazard.object), environment, guarded ? "protect.tables" : "protect.drop: deny", hazard.step,
          support::visible(hazard.message)));
  }
}

void refuse_protected(const std::string& harm) {
  if (!harm.empty())
    throw support::RefusedError(
        harm + ".\nNothing was changed. Nothing overrides `protect`: lift it in the schema file, in a change of its own.");
}

void refuse_unlifted(postgres::Session& session, const plan::Plan& plan) {
  if (plan.empty()) return;
  const auto applied = executor::applied_state(session);
  const auto state = applied ? reconciler::read_state(applied->objects, applied->scope) : std::nullopt;
  const std::string then = state ? reconciler::protected_harm(plan, state->scope.protects) : "";
  if (!then.empty())
    throw support::RefusedError(fmt::format(
        "{}.\nThe files that were applied last (run {}) say `protect`. Nothing was changed. Nothing overrides `protect`: apply "
        "files first that lift it and still have the object.",
        then, applied->run.substr(0, 8)));
}

}  // namespace lockstep::fleet
