#include "reconciler/seen_locks.h"

#include <algorithm>
#include <utility>

#include "support/sql_text.h"

namespace lockstep::reconciler {

using plan::LockMode;

support::Sql SeenLocks::question() {
  return "SELECT l.relation, l.mode FROM pg_catalog.pg_locks l WHERE l.pid OPERATOR(pg_catalog.=) pg_catalog.pg_backend_pid() "
         "AND l.granted AND l.locktype OPERATOR(pg_catalog.=) 'relation' AND l.relation OPERATOR(pg_catalog.>=) "
         "16384::pg_catalog.oid ORDER BY 1";
}

// A relation is renamed under a lock on it. With a table that goes to another schema go its indexes and sequences.
void SeenLocks::next_step(bool all) {
  std::erase_if(names_, [&](const auto& known) {
    const bool gone = all || locked_.contains(known.first) || locked_.contains(known.second.of);
    if (gone && !all) stale_.insert(known.first);
    return gone;
  });
  if (all) stale_.clear();
  locked_.clear();
}

std::vector<SeenLock> SeenLocks::of_transaction(const postgres::Result& rows, postgres::Session& other) {
  std::map<std::string, LockMode> modes;
  std::set<std::string> unknown;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto mode = plan::lock_mode_from_pg_locks(rows.text(i, 1));
    if (!mode) continue;
    const std::string oid = rows.text(i, 0);
    LockMode& strongest = modes[oid];
    strongest = std::max(strongest, *mode);
    if (!names_.contains(oid)) unknown.insert(oid);
    locked_.insert(oid);
  }
  if (!unknown.empty()) name_relations(other, std::move(unknown));
  std::vector<SeenLock> seen;
  for (const auto& [oid, mode] : modes) {
    const auto found = names_.find(oid);
    if (found == names_.end()) continue;
    const Relation& relation = found->second;
    const auto table = modes.find(relation.of);
    const bool part = relation.kind == "i" || relation.kind == "I" || relation.kind == "S";
    const bool implied = part && (mode <= LockMode::share_update_exclusive || (table != modes.end() && table->second >= mode));
    const bool whole = relation.kind != "v" && relation.kind != "m" && (!part || table != modes.end());
    seen.push_back({oid, relation.name, support::qualified(relation.schema, relation.name), mode, implied, whole});
  }
  std::sort(seen.begin(), seen.end(), [](const SeenLock& a, const SeenLock& b) { return a.relation < b.relation; });
  return seen;
}

// The first time, all that there are; then those that are asked for, with those that had names before. Prepared, since PostgreSQL
// takes longer to plan it than to run it.
void SeenLocks::name_relations(postgres::Session& other, std::set<std::string> oids) {
  static const support::Sql kNames =
      "SELECT c.oid, n.nspname, c.relname, c.relkind, coalesce(i.indrelid, d.refobjid) FROM pg_catalog.pg_class c "
      "JOIN pg_catalog.pg_namespace n ON n.oid OPERATOR(pg_catalog.=) c.relnamespace "
      "LEFT JOIN pg_catalog.pg_index i ON i.indexrelid OPERATOR(pg_catalog.=) c.oid "
      "LEFT JOIN pg_catalog.pg_depend d ON c.relkind OPERATOR(pg_catalog.=) 'S'::pg_catalog.\"char\" "
      "AND d.classid OPERATOR(pg_catalog.=) 'pg_catalog.pg_class'::pg_catalog.regclass::pg_catalog.oid "
      "AND d.objid OPERATOR(pg_catalog.=) c.oid AND d.objsubid OPERATOR(pg_catalog.=) 0 "
      "AND d.refclassid OPERATOR(pg_catalog.=) 'pg_catalog.pg_class'::pg_catalog.regclass::pg_catalog.oid "
      "AND d.deptype::pg_catalog.text OPERATOR(pg_catalog.~) '[ai]' "
      "WHERE n.nspname::pg_catalog.text OPERATOR(pg_catalog.!~) '^pg_' AND c.relkind::pg_catalog.text OPERATOR(pg_catalog.~) "
      "'[rpmvfiIS]' AND c.oid OPERATOR(pg_catalog.";
  const auto take = [&](const postgres::Result& rows) {
    for (std::size_t i = 0; i < rows.size(); ++i) {
      names_[rows.text(i, 0)] = {rows.text(i, 1), rows.text(i, 2), rows.text(i, 3), rows.text(i, 4)};
    }
  };
  if (prepared_.insert(&other).second) {
    other.execute("PREPARE lockstep_names (pg_catalog.oid[]) AS " + kNames + "=) ANY ($1)");
    if (prepared_.size() == 1) return take(other.execute(kNames + ">=) 16384::pg_catalog.oid"));
  }
  oids.merge(std::exchange(stale_, {}));
  const std::string list = "{" + support::join(std::vector<std::string>(oids.begin(), oids.end()), ",") + "}";
  take(other.execute("EXECUTE lockstep_names (" + support::Sql::literal(list) + ")"));
}

}  // namespace lockstep::reconciler
