#include "fleet/hold.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "executor/crash_point.h"
#include "executor/journal.h"
#include "executor/sound_journal.h"
#include "executor/transitional.h"
#include "fleet/clean_up.h"
#include "fleet/harmed_hold.h"
#include "fleet/open_run.h"
#include "fleet/plan_guard.h"
#include "fleet/protection.h"
#include "kinds/kind.h"
#include "kinds/registry.h"
#include "plan/plan_file.h"
#include "plan/undo.h"
#include "reconciler/beside.h"
#include "support/error.h"
#include "support/interrupt.h"
#include "support/lines.h"
#include "support/sql_text.h"
#include "support/visible.h"

namespace lockstep::fleet {
namespace {

using executor::RunRecord;
using executor::Transitional;

std::string short_id(const std::string& run) {
  return run.substr(0, 8);
}

std::string relation_of(const Transitional& one) {
  return support::qualified(one.subject[0], one.subject[1]);
}

bool touches(const plan::Step& step, const Transitional& held) {
  const std::string relation = relation_of(held), now = support::qualified(held.names[0], held.names[1]);
  const bool locked = std::any_of(step.locks.begin(), step.locks.end(), [&](const plan::RelationLock& lock) {
    return lock.mode >= plan::LockMode::share_update_exclusive && (lock.relation == relation || lock.relation == now);
  });
  const bool schema = std::any_of(step.destroys.begin(), step.destroys.end(), [&](const catalog::ObjectId& id) {
    return id.path.size() == 1 && id.path.front() == held.subject.front();
  });
  return locked || schema;
}

// A name that the plan gives to something new, and that the hidden relation had, or one of its indexes has still; empty: none.
std::string taken_by(postgres::Session& session, const plan::Plan& plan, const Transitional& held) {
  if (held.names.size() != 2) return {};
  std::set<std::string> names{support::qualified(held.subject)};
  const auto indexes = session.query(
      "SELECT c.relname FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid WHERE i.indrelid = "
      "$1::pg_catalog.oid",
      {std::to_string(held.object_oid)});
  for (std::size_t row = 0; row < indexes.size(); ++row) names.insert(support::qualified(held.names[0], indexes.text(row, 0)));
  for (const plan::Step& step : plan.steps) {
    for (const catalog::ObjectId& id : step.produces) {
      if (id.path.size() < 2 || !kinds::of(id).is_relation()) continue;
      const std::string name = support::qualified(id.path.front(), id.path.back());
      const bool undone = step.renames || std::any_of(step.helpers.begin(), step.helpers.end(), [&](const plan::Helper& helper) {
                            return helper.change == plan::Helper::Change::taken && helper.names == held.names;
                          });
      if (names.contains(name) && !undone) return catalog::to_string(id);
    }
  }
  return {};
}

// The run whose hold a purge has ended already, or `named` is no such one: its uuid, or empty.
std::string purged_before(postgres::Session& session, const std::vector<Hold>& all, const std::string& named) {
  const auto begins = [&](const std::string& run) { return run.starts_with(named); };
  if (named.empty() || std::any_of(all.begin(), all.end(), [&](const Hold& hold) { return begins(hold.run); })) return {};
  for (const RunRecord& run : executor::runs(session)) {
    if (!begins(run.id)) continue;
    if (plan::from_json(run.plan_json).hold == 0) return {};
    if (run.state == "rolled back")
      throw support::UsageError(fmt::format(
          "run {} is undone: nothing of it is hidden any more, and there is nothing to purge. Nothing was changed", run.id));
    return run.state == "done" ? run.id : std::string();
  }
  return {};
}

const Hold* due(const std::vector<Hold>& all, const std::string& named, bool early) {
  const auto meant = std::find_if(all.begin(), all.end(), [&](const Hold& hold) { return hold.run.starts_with(named); });
  if (meant == all.end())
    throw support::UsageError(fmt::format(
        "no held run \"{}\" on this database (`lockstep status` names them). Nothing was changed", support::visible(named)));
  if (!meant->over && !early)
    throw support::RefusedError(fmt::format(
        "run {} is held until {}: until then `lockstep rollback {}` has all of it back. Nothing was changed. Purge it "
        "afterwards, or now: --early REASON",
        meant->run, meant->until, short_id(meant->run)));
  return &*meant;
}

// What of it somebody else has removed counts as done: there is nothing of it to save.
void settle_missing(Conversation& conversation, postgres::Session& session, const RunRecord& run, const MissingOfHold& missing) {
  for (const std::string& one : missing.told)
    conversation.output().message(support::visible(one + ": nothing of it is saved or removed"));
  for (const std::string& step : missing.steps) executor::resolve_step(session, run, step, true);
}

// What the steps that counted as done would have taken away too: a trigger that fills a column which is gone refuses every row.
void end_hold(const Job& job, Conversation& conversation, postgres::Session& session, const std::string& run) {
  clean_up(session, job, conversation, run);
  executor::forget_gone(session);
}

// The way back from the run is under way: what is hidden is coming back, and what isn't there is not gone.
void refuse_beside_way_back(postgres::Session& session, const RunRecord& run) {
  const auto open = executor::open_run(session);
  if (!open || plan::from_json(open->plan_json).undoes != run.id) return;
  throw support::RefusedError(fmt::format(
      "run {} is being undone: its way back, run {}, is open. Nothing was changed. Finish that first (`lockstep rollback`, or "
      "`lockstep resume`)",
      run.id, open->id));
}

executor::Report purge_one(const Job& job, Conversation& conversation, postgres::Session& session, const RunRecord& run,
                           const std::string& early) {
  executor::require_intact_journal(session, run);
  refuse_beside_way_back(session, run);
  const plan::Plan plan = plan::from_json(run.plan_json);
  const std::set<std::string> done = done_steps(session, run);
  const plan::Plan rest = rest_of(plan, done);
  refuse_harm(job.protection, rest, plan::hazards_of(rest), job.known.environment);
  refuse_unlifted(session, rest);
  const MissingOfHold missing = missing_of_hold(session, run, rest);
  std::set<std::string> done_or_missing = done;
  done_or_missing.insert(missing.steps.begin(), missing.steps.end());
  const postgres::Snapshot live = postgres::introspect(session, {.facts = false, .unmanaged = false});
  try {
    require_care(plan, live, done_or_missing);
  } catch (const support::CommandError& error) {
    if (error.code() == support::ExitCode::mismatch) refuse_retyped(session, run, live.catalog);
    throw;
  }
  conversation.open_run_found(run);
  conversation.approve(
      fmt::format("Save and remove what run {} holds until {} ({} steps)? A rollback has it only from the backup "
                  "then.",
                  short_id(run.id), run.held_until, rest.steps.size()));
  if (!early.empty()) executor::Journal(session).append(run.id, "early", "", executor::Json{{"reason", early}});
  settle_missing(conversation, session, run, missing);
  executor::Dependencies use{session, [&] { return executor::connect(job.url, job.settings.application); },
                             executor::system_clock(), conversation.output()};
  executor::Report report = executor::purge(run, job.settings, use);
  executor::crash_point("purge", "before-end");
  end_hold(job, conversation, session, run.id);
  return report;
}

// As Hold::given_up. `all`: newest first.
std::string given_up(const std::vector<RunRecord>& all, const std::string& held) {
  for (const RunRecord& run : all) {
    if (run.plan_json.find(held) == std::string::npos || plan::from_json(run.plan_json).undoes != held) continue;
    if (run.open() || run.settled == 0) return {};
    return fmt::format("run {} after {} of {} steps", short_id(run.id), run.settled, run.steps);
  }
  return {};
}

// Its triggers name functions in text, which PostgreSQL tracks no dependency of.
void require_uncalled(postgres::Session& session, const std::vector<RunRecord>& held, const plan::Plan& plan) {
  for (const RunRecord& run : held) {
    if (run.id == plan.undoes) continue;
    const reconciler::Waiting kept{run.id, plan::from_json(run.plan_json), done_steps(session, run)};
    for (const plan::Step& step : plan.steps) {
      for (const auto* ids : {&step.produces, &step.destroys}) {
        for (const catalog::ObjectId& id : *ids) {
          if (reconciler::may_call(kept, id))
            throw support::RefusedError(support::visible_lines(
                fmt::format("step {} \"{}\" changes {}, which a trigger of run {} may call: it keeps an old column up to date "
                            "until {}. Nothing was changed. Purge that run or take it back first (`lockstep status`), then run "
                            "this command again.",
                            step.id, step.title, catalog::to_string(id), run.id, run.held_until)));
        }
      }
    }
  }
}

}  // namespace

std::vector<Hold> holds(postgres::Session& session) {
  std::vector<Hold> list;
  const auto runs = executor::held_runs(session);
  if (runs.empty()) return list;
  const auto hidden = executor::transitional_objects(session);
  const auto all = executor::runs(session);
  for (const RunRecord& run : runs) {
    Hold hold{run.id, run.held_until, run.hold_over, {}, run.last_error, given_up(all, run.id)};
    for (const Transitional& one : hidden) {
      if (one.run != run.id || !one.there || !is_hidden_by_hold(one)) continue;
      const std::string name = support::visible(support::join(one.subject, "."));
      if (std::find(hold.objects.begin(), hold.objects.end(), name) == hold.objects.end())  // a column, for each partition
        hold.objects.push_back(name);
    }
    list.push_back(std::move(hold));
  }
  return list;
}

std::string hold_text(const executor::Report& report, const Known& known) {
  const std::string run = short_id(report.run_id), where = target_words(known);
  return fmt::format(
      "what went is hidden until {}\nTo have it back, with what was written since:\n  lockstep rollback {} {}\nTo remove it for "
      "good, after that time:\n  lockstep purge {}\n",
      report.held_until, run, where, where);
}

void require_unheld(postgres::Session& session, const plan::Plan& plan, const Known& known) {
  const auto held = executor::held_runs(session);
  if (held.empty()) return;
  const auto refuse = [&](const RunRecord& run, const std::string& what) {
    const std::string where = target_words(known);
    throw support::RefusedError(support::visible_lines(fmt::format(
        "{}, which run {} keeps hidden until {}, so that it can be rolled back. Nothing was changed.\n"
        "to take that run back:   lockstep rollback {} {}\n"
        "to end its hold:         lockstep purge {}{} {}\n"
        "Then run this command again.",
        what, run.id, run.held_until, short_id(run.id), where, short_id(run.id), run.hold_over ? "" : " --early REASON", where)));
  };
  require_uncalled(session, held, plan);
  for (const Transitional& one : executor::transitional_objects(session)) {
    const auto run = std::find_if(held.begin(), held.end(), [&](const RunRecord& each) { return each.id == one.run; });
    if (run == held.end() || run->id == plan.undoes || !one.there) continue;
    if (const std::string name = taken_by(session, plan, one); !name.empty())
      refuse(*run, fmt::format("this plan makes {}, a name of {} {}", name, one.role, support::qualified(one.subject)));
    for (const plan::Step& step : plan.steps) {
      if (!touches(step, one)) continue;
      refuse(*run, fmt::format("step {} \"{}\" changes {}, a part of which is {} {}", step.id, step.title, relation_of(one),
                               one.role, support::qualified(one.subject)));
    }
  }
}

void require_same_hold(const executor::RunRecord& open, std::chrono::seconds hold) {
  const auto held = plan::from_json(open.plan_json).hold;
  if (held == 0 || held == hold.count()) return;
  throw support::UsageError(fmt::format(
      "--hold is for a new run: run {} is open, and goes on with the hold that it was planned with. Nothing was changed",
      open.id));
}

Purged purge(const Job& job, Conversation& conversation, const std::string& named, const std::string& early) {
  const auto session = executor::connect(job.url, job.settings.application);
  const auto lock = executor::RunLock::acquire(*session);
  require_target_to_change(*session, job.known);
  const std::vector<Hold> all = holds(*session);
  std::set<std::string> meant;
  Purged result;
  if (result.before = purged_before(*session, all, named); !result.before.empty()) {  // perhaps cut off after its last step
    executor::require_trusted_writers(*session, "remove what a run has hidden");
    end_hold(job, conversation, *session, result.before);
    return result;
  }
  if (!named.empty()) {
    meant.insert(due(all, named, !early.empty())->run);
  } else {
    for (const Hold& hold : all) {
      if (hold.over) {
        meant.insert(hold.run);
      } else {
        result.kept.push_back(hold);
      }
    }
  }
  if (!meant.empty()) executor::require_trusted_writers(*session, "remove what a run has hidden");
  const auto runs = executor::held_runs(*session);
  for (auto run = runs.rbegin(); run != runs.rend(); ++run) {
    if (!meant.contains(run->id)) continue;
    try {
      result.done.push_back(purge_one(job, conversation, *session, *run, early));
    } catch (const support::CommandError& error) {  // the others don't wait for it
      if (meant.size() == 1 || support::interrupts() > 0) throw;
      conversation.output().message(fmt::format("run {} is not purged: {}", short_id(run->id), error.what()));
      result.failed = error.code();
    }
  }
  return result;
}

}  // namespace lockstep::fleet
