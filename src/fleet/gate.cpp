#include "fleet/gate.h"

#include <fmt/format.h>

#include <algorithm>

#include "executor/journal.h"
#include "fleet/freshness.h"
#include "kinds/names/renamed.h"
#include "plan/plan_file.h"
#include "reconciler/comparison.h"
#include "reconciler/territory.h"
#include "support/error.h"
#include "support/lines.h"
#include "support/sql_text.h"
#include "support/visible.h"

namespace lockstep::fleet {
namespace {

using plan::Phase;

// The renames of one relation are one step, and each breaks statements of its own.
std::string all_breaking(const plan::Step& step) {
  std::string text = step.breaking;
  for (const plan::Consequence& one : step.consequences) {
    if (one.hazard == "breaking") text += (text.empty() ? "" : "; ") + one.message;
  }
  return text;
}

std::string pending_text(const Gate& gate) {
  std::string text;
  for (const PendingStep& step : gate.pending) {
    if (step.phase == Phase::purge) continue;  // they remove what contract hides, and only `purge` runs them
    text +=
        fmt::format("\n  {} {:<8} {}", step.id, plan::to_string(step.phase), support::continued(support::visible(step.title)));
    if (!step.breaking.empty()) text += "\n    " + support::continued(support::visible(step.breaking));
  }
  return text;
}

// What stands under a name that a rename is to give.
std::vector<std::string> taken_names(const plan::Plan& rest, const catalog::Catalog& live) {
  std::set<catalog::ObjectId> given_up;
  std::vector<std::string> lines;
  for (const plan::Step& step : rest.steps) {
    given_up.insert(step.destroys.begin(), step.destroys.end());
    if (!step.renames) continue;
    for (const catalog::Object& object : live.objects()) {
      const auto renamed = step.produces.begin() + std::min(std::ssize(step.produces), std::ssize(step.destroys));  // then bodies
      const bool taken = std::any_of(step.produces.begin(), renamed,
                                     [&](const catalog::ObjectId& id) { return kinds::exclude_each_other(object.id, id); });
      if (taken && !given_up.contains(object.id)) lines.push_back(catalog::to_string(object.id) + " exists now");
    }
  }
  return lines;
}

}  // namespace

std::string target_words(const Known& known) {
  return known.environment.empty() ? "--url …" : "--env " + known.environment;
}

Gate gate_of(postgres::Session& session, const executor::RunRecord& run, const Known& known, bool saved) {
  Gate gate{run.id, run.waits_since, run.next, 0, run.steps, {}, old_names(session, run.id), {}, {}};
  const auto states = executor::Journal(session).step_states(run.id);
  for (const plan::Step& step : plan::from_json(run.plan_json).steps) {
    const auto state = states.find(step.id);
    if (state != states.end() && state->second.done) {
      ++gate.done;
    } else {
      gate.pending.push_back({step.id, step.phase, step.title, all_breaking(step)});
    }
  }
  gate.go_on =
      fmt::format("lockstep apply {}--phase {} {}", saved ? "PLAN " : "", plan::to_string(gate.next), target_words(known));
  gate.take_back = "lockstep rollback " + target_words(known);
  if (executor::open_runs(session).size() > 1) {
    gate.go_on += " --run " + run.id.substr(0, 8);
    gate.take_back += " " + run.id.substr(0, 8);
  }
  return gate;
}

std::string gate_words(const Gate& gate) {
  return fmt::format("waits at the gate since {}, before phase {}: {} of {} steps are done", gate.since,
                     plan::to_string(gate.next), gate.done, gate.steps);
}

std::string gate_text(const Gate& gate) {
  const bool contract = gate.next == Phase::contract;
  std::string text = fmt::format("run {} {}\n", gate.run, gate_words(gate));
  text += contract ? "Before these steps run, no application may need any more what they take away:" : "These steps are left:";
  text += pending_text(gate) + "\n";
  text += contract ? "When that version of the application is deployed everywhere:\n" : "To go on:\n";
  return text + fmt::format("  {}\nTo take the run back:\n  {}\n", gate.go_on, gate.take_back);
}

plan::Plan rest_of(const plan::Plan& plan, const std::set<std::string>& done) {
  plan::Plan rest = plan;
  std::erase_if(rest.steps, [&](const plan::Step& step) { return done.contains(step.id); });
  return rest;
}

std::string question(const plan::Plan& plan, Phase until) {
  const auto stop =
      std::find_if(plan.steps.begin(), plan.steps.end(), [&](const plan::Step& step) { return step.phase > until; });
  if (stop == plan.steps.end())
    return fmt::format("Run these {} steps on database \"{}\"?", plan.steps.size(), plan.target.database);
  return fmt::format("Run the first {} of these {} steps on database \"{}\", and stop at the gate before phase {}?",
                     stop - plan.steps.begin(), plan.steps.size(), plan.target.database, plan::to_string(stop->phase));
}

void require_stoppable(const plan::Plan& rest, Phase until) {
  if (until >= Phase::contract) return;
  const auto contract = [](const plan::Step& step) { return step.phase >= Phase::contract; };
  const auto first = std::find_if(rest.steps.begin(), rest.steps.end(), contract);
  const auto later = std::find_if_not(first, rest.steps.end(), contract);
  if (later == rest.steps.end()) return;
  throw support::RefusedError(fmt::format(
      "this plan can't stop at the gate: step {} \"{}\" (contract) has to run before step {} \"{}\" ({}). Nothing was "
      "changed by this command. Make the change in two (first the files without what the contract step takes away), "
      "or run all of it without a gate: --phase contract",
      first->id, support::visible(first->title), later->id, support::visible(later->title), plan::to_string(later->phase)));
}

void require_rest_fresh(const plan::Plan& plan, const std::set<std::string>& done, const postgres::Snapshot& live) {
  plan::Plan former;  // what the run did, and may have changed
  plan::Plan rest;
  for (const plan::Step& step : plan.steps) (done.contains(step.id) ? former : rest).steps.push_back(step);
  const reconciler::Territory own(former, live.catalog);
  // A step on a table may change what its partitions say by themselves; it locks them.
  std::set<std::string> altered;
  for (const plan::Step& step : former.steps)
    for (const plan::RelationLock& lock : step.locks)
      if (lock.mode >= plan::LockMode::share_update_exclusive) altered.insert(lock.relation);
  const auto is_own = [&](const catalog::ObjectId& id) {
    return own.holds(id) || (id.path.size() > 1 && altered.contains(support::qualified(id.path[0], id.path[1])));
  };
  for (const plan::Step& step : rest.steps) {
    for (const auto* ids : {&step.destroys, &step.produces}) {
      for (const catalog::ObjectId& id : *ids) {
        const auto known = plan.read_set.find(catalog::to_string(id));
        if (known != plan.read_set.end() && !is_own(id)) rest.read_set.insert(*known);
      }
    }
  }
  std::vector<std::string> moved = reconciler::stale(rest, live);
  for (std::string& line : differences(former, live.catalog)) moved.push_back(std::move(line));
  for (std::string& line : taken_names(rest, live.catalog)) moved.push_back(std::move(line));
  if (moved.empty()) return;
  throw support::CommandError(
      support::ExitCode::stale,
      fmt::format("stale plan: what the steps that are left would change was changed since the plan was made:{}\nNothing was "
                  "changed by this command, and the run waits at the gate as before. Undo that change and run the same command "
                  "again; or take the run back (`lockstep rollback`); or give it up (`lockstep resolve --abandon --reason TEXT`) "
                  "and plan again from what is there.",
                  support::listed(moved)));
}

}  // namespace lockstep::fleet
