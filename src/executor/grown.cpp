#include "executor/grown.h"

#include <nlohmann/json.hpp>
#include <set>

#include "executor/journal.h"
#include "support/error.h"
#include "support/lines.h"

namespace lockstep::executor {

namespace {

// Sizes by name; tables that don't exist are missing.
std::map<std::string, std::int64_t> sizes(postgres::Session& session, const std::set<std::string>& relations) {
  const auto rows = session.query(
      "WITH RECURSIVE leaf (name, relation) AS (SELECT w.name, pg_catalog.to_regclass(w.name)::pg_catalog.oid FROM "
      "pg_catalog.json_array_elements_text($1) AS w (name) "
      "UNION ALL SELECT l.name, i.inhrelid FROM leaf l JOIN pg_catalog.pg_inherits i ON i.inhparent = l.relation JOIN "
      "pg_catalog.pg_class c ON c.oid = i.inhrelid AND c.relispartition AND c.relkind <> 'i' AND c.relkind <> 'I') "
      "SELECT name, pg_catalog.sum(pg_catalog.pg_relation_size(relation))::pg_catalog.int8 FROM leaf WHERE relation IS NOT NULL "
      "GROUP BY name",
      {Json(relations).dump()});
  std::map<std::string, std::int64_t> found;
  for (std::size_t row = 0; row < rows.size(); ++row) found[rows.text(row, 0)] = rows.integer(row, 1);
  return found;
}

void add_lines(const plan::Step& step, const std::map<std::string, std::int64_t>& now, std::vector<std::string>& lines) {
  for (const plan::SizeLimit& limit : step.limits) {
    const auto found = now.find(limit.relation);
    if (found == now.end() || found->second <= limit.most) continue;
    lines.push_back(limit.relation + " had " + plan::size_text(limit.bytes) + " when the plan was made and has " +
                    plan::size_text(found->second) + " now; step " + step.id + " (" + step.title +
                    ") works through all of it while others wait, which is for tables of up to " + plan::size_text(limit.most));
  }
}

// The same for all steps that are not done. If a table is locked or doesn't have its name yet, only the look before its step
// counts.
std::vector<std::string> grown_before(postgres::Session& session, const plan::Plan& plan,
                                      const std::map<std::string, StepState>& states) {
  std::set<std::string> relations;
  std::vector<const plan::Step*> left;
  for (const plan::Step& step : plan.steps) {
    const auto state = states.find(step.id);
    if (step.limits.empty() || (state != states.end() && state->second.done)) continue;
    left.push_back(&step);
    for (const plan::SizeLimit& limit : step.limits) relations.insert(limit.relation);
  }
  if (left.empty()) return {};
  std::vector<std::string> lines;
  try {
    const auto now = sizes(session, relations);
    for (const plan::Step* step : left) add_lines(*step, now, lines);
  } catch (const support::DatabaseError& error) {
    constexpr std::string_view kLockTimeout = "55P03";
    if (error.sqlstate() != kLockTimeout) throw;
  }
  return lines;
}

constexpr std::string_view kPlanAgain =
    "lan again: what is large is changed beside the traffic where that can be done. Or declare the table `offline;`, if "
    "everybody "
    "may wait for it.";

}  // namespace

std::vector<std::string> grown_for(postgres::Session& session, const plan::Step& step) {
  if (step.limits.empty()) return {};
  std::set<std::string> relations;
  for (const plan::SizeLimit& limit : step.limits) relations.insert(limit.relation);
  std::vector<std::string> lines;
  add_lines(step, sizes(session, relations), lines);
  return lines;
}

void require_small(postgres::Session& session, const plan::Plan& plan) {
  const auto grown = grown_before(session, plan, {});
  if (grown.empty()) return;
  throw support::CommandError(support::ExitCode::stale, "stale plan: tables of database \"" + plan.target.database +
                                                            "\" have grown since the plan was made:" + support::listed(grown) +
                                                            "\nNothing was changed. P" + std::string(kPlanAgain));
}

void require_rest_small(Run& run, bool waited) {
  const auto grown = grown_before(run.session(), run.plan, run.states);
  if (grown.empty()) return;
  throw support::CommandError(
      run.changed && !waited ? support::ExitCode::partial : support::ExitCode::stale,
      "stale plan: tables of database \"" + run.plan.target.database + "\" have grown since the plan was made:" +
          support::listed(grown) + "\nNothing was changed by this command. " + std::to_string(run.steps_done()) + " of " +
          std::to_string(run.plan.steps.size()) + " steps are done and journalled (run " + run.short_id() +
          "). Give the run up with `lockstep resolve --abandon --reason …`, or take it back with `lockstep rollback`, and p" +
          std::string(kPlanAgain));
}

}  // namespace lockstep::executor
