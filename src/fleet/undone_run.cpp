#include "fleet/undone_run.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "executor/crash_point.h"
#include "executor/transitional.h"
#include "fleet/clean_up.h"
#include "fleet/touched_state.h"
#include "kinds/registry.h"
#include "plan/plan_file.h"
#include "reconciler/beside.h"
#include "reconciler/comparison.h"
#include "reconciler/way_back.h"
#include "support/error.h"
#include "support/sql_text.h"
#include "support/visible.h"

namespace lockstep::fleet {
namespace {

[[noreturn]] void refuse(const std::string& why) {
  throw support::UsageError(why + ". Nothing was changed");
}

// A run that the command can't be about, whatever else there is.
void refuse_itself(const executor::RunRecord& run) {
  if (is_way_back(run)) refuse(fmt::format("run {} is itself a way back: apply files to go forward again", run.id));
  if (is_clean_up(run))
    refuse(
        fmt::format("run {} only took away what earlier runs had left behind: there is nothing to undo. Name the run that is "
                    "meant (`lockstep history`)",
                    run.id));
  if (run.state == "rolled back")
    refuse(fmt::format("run {} is undone already. If that was cut off while it wrote values back: `lockstep backup restore {}`",
                       run.id, run.id.substr(0, 8)));
  if (!run.changed && !run.open()) refuse(fmt::format("run {} changed nothing: there is nothing to undo", run.id));
}

std::set<catalog::Path> touched(const executor::RunRecord& run) {
  return reconciler::objects_of(plan::from_json(run.plan_json));
}

// A held run, or one at the gate, can be undone beside later ones, as long as these have changed other objects. `all`: newest
// first.
void require_apart(const std::vector<executor::RunRecord>& all, const executor::RunRecord& held) {
  const auto own = touched(held);
  for (const executor::RunRecord& later : all) {
    if (later.id == held.id) return;
    const std::string id = later.id.substr(0, 8);
    if (later.open() && !later.waits())
      refuse(fmt::format("run {} is open: finish it, or give it up, before run {} is undone", id, held.id.substr(0, 8)));
    if (!later.changed || later.state == "rolled back" || is_clean_up(later)) continue;
    const std::string undone = plan::from_json(later.plan_json).undoes;
    const auto after =
        std::find_if(all.begin(), all.end(), [&](const auto& one) { return one.id == undone || one.id == held.id; });
    if (!undone.empty() && after != all.end() && after->id == undone)
      continue;  // it and the run that it undoes cancel each other
    for (const catalog::Path& path : touched(later)) {
      if (own.contains(path))
        refuse(fmt::format("run {} came after it and changed {} too: undo that one first (`lockstep rollback {}`)", id,
                           support::visible(support::qualified(path)), id));
    }
  }
}

}  // namespace

bool is_way_back(const executor::RunRecord& run) {
  return !plan::from_json(run.plan_json).undoes.empty();
}

bool is_unfinished(postgres::Session& session, const std::string& run) {
  const auto open = executor::open_runs(session);
  const auto held = executor::held_runs(session);
  return std::any_of(open.begin(), open.end(), [&](const auto& one) { return one.id == run; }) ||
         std::any_of(held.begin(), held.end(), [&](const auto& one) { return one.id == run; });
}

executor::RunRecord run_to_undo(postgres::Session& session, const std::string& named) {
  const auto all = executor::runs(session);
  const auto meant = std::find_if(all.begin(), all.end(), [&](const auto& run) { return run.id.starts_with(named); });
  if (meant == all.end())
    refuse(named.empty()
               ? "no run on this database has changed anything that could be undone"
               : fmt::format("no run \"{}\" on this database (`lockstep history` lists them)", support::visible(named)));
  if (!named.empty()) {
    refuse_itself(*meant);
    if (meant->held() || meant->waits() || (meant->open() && meant->changed)) {
      require_apart(all, *meant);
      return *meant;
    }
  }
  const auto open = named.empty() ? executor::open_run(session, "") : std::nullopt;
  if (open) require_apart(all, *open);
  bool reached = !open;
  for (const executor::RunRecord& run : all) {
    reached = reached || run.id == open->id;
    if (!reached) continue;  // it stands beside the open one
    const std::string id = run.id.substr(0, 8);
    if (run.open() && is_way_back(run))
      refuse(fmt::format("run {} is a way back and is open: `lockstep rollback` without more, or `lockstep resume`, finishes it",
                         id));
    if (run.open() && is_clean_up(run))
      refuse(fmt::format("run {} takes away what earlier runs have left behind, and is open: `lockstep resume` finishes it", id));
    if (run.open() && !run.changed && !run.waits())
      refuse(fmt::format(
          "run {} is open and has changed nothing: `lockstep resolve --abandon --reason TEXT` gives it up; then name the "
          "run to undo (`lockstep history`)",
          id));
    if (is_way_back(run) && run.state == "superseded" && run.changed)
      refuse(fmt::format(
          "run {} undid a part of an earlier run and was given up: how much of that is left to undo isn't known. Apply "
          "files that say what the database should be",
          id));
    if (is_way_back(run) || is_clean_up(run) || run.state == "rolled back" || (!run.changed && !run.waits())) continue;
    if (!named.empty() && run.id != meant->id)
      refuse(fmt::format("run {} came after it: undo that one first (`lockstep rollback {}`)", run.id, id));
    return run;
  }
  refuse("no run on this database has changed anything that could be undone");
}

std::optional<executor::RunRecord> unfinished_way_back(postgres::Session& session) {
  auto run = executor::open_run(session);
  if (!run) run = executor::unrecorded_run(session);
  return run && is_way_back(*run) ? run : std::nullopt;
}

void require_same_progress(postgres::Session& session, const plan::Plan& plan) {
  const auto open = executor::open_run(session);
  const bool other = open && open->id != plan.undoes && !open->waits();
  if (!other && executor::progress_of(session, plan.undoes) == plan.progress) return;
  throw support::CommandError(
      support::ExitCode::stale,
      fmt::format(
          "stale plan: it undoes run {}, which has done more since, or another run came after it; nothing was changed. Plan "
          "the way back again: lockstep rollback",
          support::visible(plan.undoes)));
}

Undone record_undone(postgres::Session& session, const plan::Plan& plan, const std::string& by, const postgres::Snapshot& live) {
  executor::crash_point("end", "before-rolled-back");
  const bool values_due = std::any_of(plan.notes.begin(), plan.notes.end(),
                                      [](const std::string& note) { return note.starts_with(reconciler::kNotBroughtBack); });
  executor::note_rolled_back(session, plan.undoes, by, values_due);
  executor::crash_point("end", "after-rolled-back");
  Undone undone{plan.undoes, plan.notes, {}};
  plan::Plan both = plan;
  both.record.clear();
  for (const executor::RunRecord& run : executor::runs(session)) {
    if (run.id != plan.undoes) continue;
    const plan::Plan former = plan::from_json(run.plan_json);
    both.steps.insert(both.steps.end(), former.steps.begin(), former.steps.end());
    undone.differs = reconciler::stale(former, live);
  }
  if (!record_touched(session, by, both, live)) executor::note_unrecorded(session, by, "nothing was recorded before it");
  executor::forget_gone(session);
  executor::crash_point("end", "before-values");
  return undone;
}

}  // namespace lockstep::fleet
