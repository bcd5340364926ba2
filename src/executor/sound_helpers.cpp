#include "executor/sound_helpers.h"

#include <set>

#include "executor/run_record.h"
#include "executor/transitional.h"
#include "plan/undo.h"
#include "support/sql_text.h"
#include "support/visible.h"

namespace lockstep::executor {
namespace {

// Whether a step that is left can do nothing without it. An index or a constraint that is gone is built once more, or found
// missing, by its own step; a view is compared before contract (at_stake.h).
bool is_needed(const Transitional& one, std::int64_t functions) {
  const bool own_trigger = plan::is_trigger({.type = one.type, .names = one.names, .subject = one.subject});
  return one.attnum != 0 || own_trigger || one.class_oid == functions || one.names.front() == "lockstep";
}

std::set<std::int64_t> not_always(postgres::Session& session) {
  const auto rows = session.query(
      "SELECT t.oid FROM pg_catalog.pg_trigger t JOIN lockstep.object o ON o.object_oid = t.oid AND o.class_oid = "
      "'pg_catalog.pg_trigger'::pg_catalog.regclass WHERE t.tgenabled <> 'A'",
      {});
  std::set<std::int64_t> oids;
  for (std::size_t row = 0; row < rows.size(); ++row) oids.insert(rows.integer(row, 0));
  return oids;
}

std::string called(const Transitional& one) {
  const std::string relation = one.names.size() > 2 ? support::qualified(one.names[0], one.names[1]) : std::string();
  const bool trigger = plan::is_trigger({.type = one.type, .names = one.names, .subject = one.subject});
  const std::string name = trigger            ? support::quote_identifier(one.names.back()) + " on " + relation
                           : relation.empty() ? support::qualified(one.names)
                                              : relation + "." + support::quote_identifier(one.names.back());
  return support::visible(one.role + ": " + one.type + " " + name + " (run " + one.run.substr(0, 8) + ")");
}

}  // namespace

std::vector<std::string> unsound_helpers(postgres::Session& session, const std::string& run) {
  std::vector<std::string> lines;
  const std::vector<Transitional> all = transitional_objects(session);
  if (all.empty()) return lines;
  std::set<std::string> at_work;
  if (!run.empty()) at_work.insert(run);
  if (run.empty())
    for (const auto& list : {open_runs(session), held_runs(session)})
      for (const RunRecord& one : list) at_work.insert(one.id);
  const std::set<std::int64_t> off = not_always(session);
  const std::int64_t functions =
      session.query("SELECT 'pg_catalog.pg_proc'::pg_catalog.regclass::pg_catalog.oid", {}).integer(0, 0);
  for (const Transitional& one : all) {
    if (!at_work.contains(one.run) || one.object_oid == 0) continue;
    if (!is_needed(one, functions)) continue;
    if (!one.there) lines.push_back(called(one) + " is gone");
    if (one.there && off.contains(one.object_oid))
      lines.push_back(called(one) + " does not fire always any more: ALTER TABLE " +
                      support::visible(support::qualified(one.names[0], one.names[1])) + " ENABLE ALWAYS TRIGGER " +
                      support::visible(support::quote_identifier(one.names[2])));
  }
  return lines;
}

}  // namespace lockstep::executor
