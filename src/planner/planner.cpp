#include "planner/planner.h"

#include <fmt/format.h>

#include <utility>

#include "kinds/registry.h"
#include "kinds/values/value_notes.h"
#include "planner/draft.h"
#include "support/error.h"

namespace lockstep::planner {

using catalog::ObjectId;

plan::Steps rename_steps(const Rename& rename, const kinds::Context& context) {
  const kinds::KindSpec& kind = kinds::of(rename.from);
  if (kind.rename == nullptr)
    throw support::RefusedError(catalog::to_string(rename.from) + ": this kind of object can't be renamed");
  plan::Steps steps = kind.rename(rename.from, rename.to, context);
  for (auto& step : steps) {
    if (step.title.empty()) step.title = "rename " + catalog::to_string(rename.from) + " to " + rename.to.path.back();
  }
  return steps;
}

kinds::Context context_of(const Input& input, const Disposition& disposition) {
  return {
      .from = input.from,
      .to = input.to,
      .intents = input.intents,
      .facts = input.facts,
      .server_version = input.server_version,
      .is_new = [&](const ObjectId& id) { return !input.from.contains(id) || disposition.destroyed.contains(id); },
      .online =
          [&](const ObjectId& id) {
            const auto found = input.facts.find(id);
            return !input.elaborating && found != input.facts.end() && found->second.bytes > 0 && input.from.contains(id) &&
                   !disposition.destroyed.contains(id);
          },
      .probes = input.probes,
      .row_probes = input.row_probes,
      .time_zones = input.time_zones,
      .default_privileges = input.default_privileges,
      .manages_every_grant = input.manages_every_grant,
      .elaborating = input.elaborating,
  };
}

Ordered ordered_drafts(const Input& input, const Disposition& disposition, const kinds::Context& context) {
  Ordered result{.drafts = draft(input, disposition, context)};
  if (!input.renames.empty()) {  // the questions speak of the new names
    for (Draft& one : result.drafts) {
      for (auto& check : one.step.checks) check.upfront = false;
    }
  }
  join_rewrites(result.drafts);
  if (!input.elaborating) declare_locks(input, result.drafts);
  result.order = order(input, disposition, result.drafts);
  join_replacements(result.drafts, result.order);
  return result;
}

namespace {

// Its steps say which name is gone and which is there: what is recorded after the way back follows from that.
plan::Steps rename_back(const Rename& rename, const Input& input, const kinds::Context& context) {
  plan::Steps steps = rename_steps({rename.to, rename.from}, context);
  for (auto& step : steps) {
    declare_locks(input, rename.to, step);
    step.destroys = {rename.to};
    step.produces = {name_before(rename.to, input.renames)};
  }
  return steps;
}

}  // namespace

plan::Plan make_plan(const Input& input) {
  const Disposition disposition = decide(input);
  const kinds::Context context = context_of(input, disposition);
  plan::Plan plan;
  for (const auto& rename : input.renames) {
    auto back = rename_back(rename, input, context);
    for (auto& step : rename_steps(rename, context)) {
      if (!back.empty()) step.undo.steps = std::exchange(back, {});  // of all its steps, which nothing but a rename needs
      const auto place = input.places.find(rename.to);
      if (place != input.places.end()) step.source = place->second;
      plan.steps.push_back(std::move(step));
    }
  }
  const Ordered ordered = ordered_drafts(input, disposition, context);
  Folded folded = fold(input, ordered.drafts, ordered.order);
  if (!input.elaborating) write_undo(input, disposition, ordered.drafts, folded);
  for (auto& step : folded.steps) plan.steps.push_back(std::move(step));
  const int width = static_cast<int>(std::max<std::size_t>(2, std::to_string(plan.steps.size()).size()));
  for (std::size_t i = 0; i < plan.steps.size(); ++i) plan.steps[i].id = fmt::format("s{:0{}}", i + 1, width);
  if (!input.elaborating) {
    plan.changes = change_notes(input, disposition);
    plan.notes = rename_hints(input);
    for (const plan::Step& step : plan.steps) {
      if (!step.undo.refused.empty())
        plan.notes.push_back(fmt::format("there is no way back from {} ({}): {}", step.id, step.title, step.undo.refused));
    }
    for (auto& note : unused_intents(input, plan, context)) plan.notes.push_back(std::move(note));
    plan.values =
        kinds::value_notes({input.changes, disposition.destroyed, disposition.recreated_types, disposition.carried}, context);
  }
  return plan;
}

}  // namespace lockstep::planner
