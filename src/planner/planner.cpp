#include "planner/planner.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "kinds/inheritance/new_parents.h"
#include "kinds/names/renamed.h"
#include "kinds/registry.h"
#include "kinds/values/value_notes.h"
#include "plan/final_names.h"
#include "planner/draft.h"
#include "planner/hold.h"
#include "planner/refusal_hints.h"
#include "recipes/inline_defaults.h"
#include "support/error.h"

namespace lockstep::planner {

using catalog::ObjectId;

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
            return !input.elaborating && found != input.facts.end() && (found->second.bytes > 0 || input.coexistence) &&
                   input.from.contains(id) && !disposition.destroyed.contains(id);
          },
      .held = [&](const ObjectId& id) { return is_held(input, disposition, id); },
      .probes = input.probes,
      .row_probes = input.row_probes,
      .successions = input.successions,
      .time_zones = input.time_zones,
      .default_privileges = input.default_privileges,
      .manages_every_grant = input.manages_every_grant,
      .elaborating = input.elaborating,
  };
}

Ordered ordered_drafts(const Input& input, const Disposition& disposition, const kinds::Context& context) {
  Ordered result{.drafts = draft(input, disposition, context)};
  join_rewrites(result.drafts);
  if (!input.elaborating) declare_locks(input, result.drafts);
  result.order = order(input, disposition, result.drafts);
  join_replacements(result.drafts, result.order);
  return result;
}

namespace {

// The phases are a total order of the plan: a step that follows another one belongs to no earlier phase.
void order_phases(plan::Steps& steps) {
  plan::Phase reached = plan::Phase::expand;
  for (plan::Step& step : steps) {
    reached = std::max(reached, step.phase);
    step.phase = reached;
  }
}

}  // namespace

plan::Steps::iterator first_of(plan::Steps& steps, plan::Phase phase) {
  return std::find_if(steps.begin(), steps.end(), [&](const plan::Step& step) { return step.phase >= phase; });
}

void number(plan::Steps& steps) {
  const int width = static_cast<int>(std::max<std::size_t>(2, std::to_string(steps.size()).size()));
  for (std::size_t i = 0; i < steps.size(); ++i) steps[i].id = fmt::format("s{:0{}}", i + 1, width);
}

namespace {

// Whether a step that hides something, or that serves something else, has come after what removes for good.
bool mixes_with_purge(const plan::Steps& steps) {
  return std::any_of(steps.begin(), steps.end(), [](const plan::Step& step) {
    const bool makes = std::any_of(step.helpers.begin(), step.helpers.end(),
                                   [](const plan::Helper& helper) { return helper.change == plan::Helper::Change::made; });
    const bool saves = std::any_of(step.losses.begin(), step.losses.end(), [](const auto& loss) { return !loss.hidden.empty(); });
    return step.phase == plan::Phase::purge && (makes || (step.helpers.empty() && !saves));
  });
}

plan::Plan planned(const Input& input) {
  // A way back says what it can't lead back, and leads back the rest.
  for (const catalog::Change& change : input.changes) kinds::refuse_new_parents(change, input.from, input.to);
  const Disposition disposition = decide(input);
  kinds::Context context = context_of(input, disposition);
  std::optional<recipes::InlineDefaults> inline_defaults;
  if (input.inline_defaults) context.inline_defaults = &inline_defaults.emplace(input.to);
  plan::Plan plan;
  const Ordered ordered = ordered_drafts(input, disposition, context);
  Folded folded = fold(input, ordered.drafts, ordered.order);
  if (!input.elaborating) write_undo(input, disposition, ordered.drafts, folded);
  plan.steps = std::move(folded.steps);
  plan::Steps ahead = second_names(input, context);
  plan.steps.insert(first_of(plan.steps, plan::Phase::contract), std::make_move_iterator(ahead.begin()),
                    std::make_move_iterator(ahead.end()));
  plan::Steps renames = renaming(input, context);
  join_named_swaps(input, context, plan.steps, renames);
  plan.steps.insert(first_of(plan.steps, plan::Phase::purge), std::make_move_iterator(renames.begin()),
                    std::make_move_iterator(renames.end()));
  order_phases(plan.steps);
  number(plan.steps);
  if (!input.elaborating) {
    plan.changes = change_notes(input, disposition);
    plan.notes = rename_hints(input);
    for (const plan::Step& step : plan.steps) {
      if (!step.undo.refused.empty())
        plan.notes.push_back(fmt::format("there is no way back from {} ({}): {}", step.id, step.title, step.undo.refused));
    }
    for (auto& note : kinds::result_notes(input.changes)) plan.notes.push_back(std::move(note));
    for (auto& note : unused_intents(input, plan, context)) plan.notes.push_back(std::move(note));
    for (auto& note : unheld_notes(input, disposition, plan.steps)) plan.notes.push_back(std::move(note));
    std::set<ObjectId> lost = disposition.destroyed;
    for (const ObjectId& id : disposition.remade_parts) lost.erase(id);  // their rows are in the new table
    plan.values = kinds::value_notes({input.changes, lost, disposition.recreated_types, disposition.carried}, context);
    plan::FinalNames names;
    for (const Rename& rename : input.renames) {
      if (rename.own) names.add(kinds::bare_name(rename.from), kinds::bare_name(rename.to));
    }
    names.tell(plan);
  }
  return plan;
}

// Whoever follows a refusal (`backfill`, say) would lose the values of what was only renamed.
plan::Plan planned_or_hinted(const Input& input) {
  try {
    return planned(input);
  } catch (const support::RefusedError& refused) {
    const std::vector<std::string> hints = input.elaborating ? std::vector<std::string>() : refusal_hints(input);
    if (hints.empty()) throw;
    throw support::RefusedError(fmt::format("{}\nBut first: {}.", refused.what(), fmt::join(hints, ".\nAnd: ")));
  }
}

}  // namespace

plan::Plan make_plan(const Input& input) {
  plan::Plan plan = planned_or_hinted(input);
  if (!input.hold || !mixes_with_purge(plan.steps)) return plan;
  Input without = input;
  without.hold = false;
  plan = planned(without);
  plan.notes.emplace_back(
      "nothing of this plan is held: other steps have to wait until what goes is removed for good. It is saved before, and "
      "`lockstep rollback` writes it back");
  return plan;
}

}  // namespace lockstep::planner
