#include "fleet/recorded_state.h"

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "executor/applied.h"
#include "executor/transitional.h"
#include "kinds/registry.h"
#include "reconciler/beside.h"
#include "reconciler/said.h"
#include "reconciler/selection.h"
#include "reconciler/territory.h"

namespace lockstep::fleet {
namespace {

// Changes of the record that no step of the plan has made: "+ table shop.notes".
std::vector<std::string> adopted(const reconciler::State& before, const reconciler::State& now, const plan::Plan& plan,
                                 const catalog::Catalog& live) {
  plan::Plan steps = plan;
  steps.record.clear();  // it names all that is gone since the last record, by whomever
  const reconciler::Territory territory(steps, live);
  const auto same = [](const catalog::Object& from, const catalog::Object& to, std::string_view attribute) {
    const catalog::Value &old = from.value(attribute), &value = to.value(attribute);
    const auto* spec = kinds::attribute(kinds::of(from.id), attribute);
    const bool unsaid = catalog::is_absent(old) || catalog::is_absent(value);  // an owner, say
    return old == value || (unsaid && spec != nullptr && spec->facet);
  };
  std::vector<std::string> lines;
  for (const catalog::Change& change : catalog::diff(before.catalog, now.catalog, same))
    if (!territory.holds(change.id)) lines.push_back(reconciler::sign_of(change) + " " + catalog::to_string(change.id));
  return lines;
}

}  // namespace

reconciler::State state_after_run(postgres::Session& session, const plan::Plan& plan, const RunContext& facts,
                                  const postgres::Snapshot& live) {
  std::optional<reconciler::State> before;
  if (const auto applied = executor::applied_state(session)) before = reconciler::read_state(applied->objects, applied->scope);
  // While it waited, other runs may have been recorded, of whose objects its files say nothing.
  const bool by_files = facts.desired != nullptr && !(facts.has_waited && before) && !reconciler::selection_of(plan).any();
  reconciler::State now =
      reconciler::state_beside(session, facts.closing, before,
                               by_files ? reconciler::state_after(live.catalog, facts.desired->catalog, facts.desired->scope)
                                        : reconciler::state_after(live.catalog, plan, before));
  now.addresses = reconciler::addresses_of(now.catalog, live, before ? before->addresses : reconciler::Addresses());
  return now;
}

bool is_recorded(postgres::Session& session, const plan::Plan& plan, const reconciler::State& now) {
  const auto applied = executor::applied_state(session);
  return applied && applied->fingerprint == plan.desired_fingerprint && applied->scope == reconciler::scope_text(now) &&
         reconciler::says_objects(applied->objects, now);
}

void record_state(postgres::Session& session, const std::string& run, const plan::Plan& plan, const reconciler::State& now,
                  const catalog::Catalog& live) {
  std::optional<std::vector<std::string>> taken;
  if (const auto applied = executor::applied_state(session))
    if (const auto before = reconciler::read_state(applied->objects, applied->scope)) taken = adopted(*before, now, plan, live);
  executor::record_applied(session, {.run = run,
                                     .at = "",
                                     .fingerprint = plan.desired_fingerprint,
                                     .scope = reconciler::scope_text(now),
                                     .objects = reconciler::object_texts(now),
                                     .adopted = taken});
  executor::forget_gone(session);
}

}  // namespace lockstep::fleet
