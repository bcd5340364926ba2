// What the planner makes of a world, as text: first the plan, then what each of its steps had to wait for.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "kinds/registry.h"
#include "planner/draft.h"
#include "support/error.h"
#include "world.h"

namespace lockstep::testing {
namespace {

// As the reconciler compares: what is derived says nothing by itself, nor what the desired side leaves out and may.
bool counts_as_same(const catalog::Object& from, const catalog::Object& to, std::string_view name) {
  const auto* attribute = kinds::attribute(kinds::of(from.id), name);
  const bool left_out = attribute->facet && catalog::is_absent(to.value(name));
  return attribute->derived || left_out || from.value(name) == to.value(name);
}

std::string step_line(const plan::Step& step, const std::string& id) {
  std::string line = fmt::format("  {} {:8} {}", id, plan::to_string(step.phase), step.title);
  std::string facts;
  const auto fact = [&](bool holds, std::string_view text) {
    if (holds) facts += (facts.empty() ? "" : ", ") + std::string(text);
  };
  fact(step.lock != plan::LockMode::none, plan::to_string(step.lock));
  fact(step.mode != plan::TransactionMode::inside,
       step.mode == plan::TransactionMode::outside ? "outside a transaction" : "in batches");
  fact(step.scans, "scans");
  fact(step.rewrites, "rewrites");
  fact(step.builds, "builds");
  const auto upfront = [](const plan::DataCheck& check) { return check.upfront; };
  fact(std::any_of(step.checks.begin(), step.checks.end(), upfront), "asks the rows first");
  fact(!std::all_of(step.checks.begin(), step.checks.end(), upfront), "asks the rows");
  fact(!step.breaking.empty(), "breaks");
  for (const auto& loss : step.losses) fact(true, loss.hazard);
  for (const auto& consequence : step.consequences) fact(true, consequence.hazard);
  for (const auto& schema : step.search_path) fact(true, "path " + schema);
  return line + (facts.empty() ? "" : "  [" + facts + "]") + "\n";
}

std::string undo_of(const std::vector<plan::Step>& steps) {
  std::string text;
  for (const auto& step : steps) {
    for (const auto& back : step.undo.steps) text += step_line(back, step.id);
    for (const auto& lost : step.undo.lost) text += fmt::format("  {} loses {}\n", step.id, lost);
    if (!step.undo.refused.empty()) text += fmt::format("  {} refused: {}\n", step.id, step.undo.refused);
  }
  return text.empty() ? text : "undo:\n" + text;
}

// Steps with one title are told apart by their order.
std::vector<std::string> titles_of(const std::vector<planner::Draft>& drafts) {
  std::vector<std::string> titles;
  for (const auto& draft : drafts) {
    std::string title = draft.step.title;
    for (int n = 2; std::find(titles.begin(), titles.end(), title) != titles.end(); ++n)
      title = fmt::format("{} ({})", draft.step.title, n);
    titles.push_back(std::move(title));
  }
  return titles;
}

// Objects that stay what they are and change are altered; the others go, come, or are dropped and recreated.
std::string decided(const planner::Disposition& disposition) {
  std::string text;
  for (const auto& id : disposition.destroyed) {
    if (!disposition.created.contains(id)) text += "  drop " + to_string(id) + "\n";
  }
  for (const auto& id : disposition.created) {
    const bool both = disposition.destroyed.contains(id);
    text += std::string("  ") +
            (disposition.rebuilt.contains(id) ? "recreate for what it uses: "
             : both                           ? "recreate "
                                              : "create ") +
            to_string(id) + "\n";
  }
  for (const auto& [id, change] : disposition.altered) {
    text += "  alter " + to_string(id) + " (";
    for (const auto& attribute : change->attributes)
      text += (&attribute == &change->attributes.front() ? "" : ", ") + std::string(attribute.attribute);
    text += ")\n";
  }
  return text;
}

std::string edges_of(const planner::Ordered& explained) {
  const auto titles = titles_of(explained.drafts);
  std::string text;
  for (const std::size_t node : explained.order.sequence) {
    text += "  " + titles[node] + "\n";
    const std::set<std::size_t> needs(explained.order.needs[node].begin(), explained.order.needs[node].end());
    for (const std::size_t before : needs) text += "    after " + titles[before] + "\n";
    const std::size_t group = explained.order.group[node];
    if (group != node) text += "    in one transaction with " + titles[group] + "\n";
  }
  return text;
}

}  // namespace

std::string planned(const World& world) {
  const auto changes = catalog::diff(world.from, world.to, counts_as_same);
  const planner::Input input{.from = world.from,
                             .to = world.to,
                             .changes = changes,
                             .renames = world.renames,
                             .intents = world.intents,
                             .facts = world.facts,
                             .probes = world.probes,
                             .row_probes = &world.row_probes,
                             .places = world.places,
                             .server_version = world.server_version};
  try {
    std::string text;
    const plan::Plan plan = planner::make_plan(input);
    for (const auto& step : plan.steps) text += step_line(step, step.id);
    text += undo_of(plan.steps);
    const planner::Disposition disposition = planner::decide(input);
    const auto context = planner::context_of(input, disposition);
    return text + "decided:\n" + decided(disposition) + "order:\n" +
           edges_of(planner::ordered_drafts(input, disposition, context));
  } catch (const support::RefusedError& error) {
    std::string text = "  refused: ";
    for (const char c : std::string(error.what())) text += c == '\n' ? std::string("\n    ") : std::string(1, c);
    return text + "\n";
  }
}

}  // namespace lockstep::testing
