#include "reconciler/seen_locks.h"

#include <algorithm>

#include "support/sql_text.h"

namespace lockstep::reconciler {

using plan::LockMode;

std::vector<SeenLock> SeenLocks::of_transaction(postgres::Session& session, postgres::Session& other) {
  const auto rows = session.execute(
      "SELECT l.relation, l.mode FROM pg_catalog.pg_locks l WHERE l.pid OPERATOR(pg_catalog.=) pg_catalog.pg_backend_pid() "
      "AND l.granted AND l.locktype OPERATOR(pg_catalog.=) 'relation' AND l.relation OPERATOR(pg_catalog.>=) "
      "16384::pg_catalog.oid ORDER BY 1");
  std::map<std::string, LockMode> modes;
  std::string unknown;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto mode = plan::lock_mode_from_pg_locks(rows.text(i, 1));
    if (!mode) continue;
    const std::string oid = rows.text(i, 0);
    LockMode& strongest = modes[oid];
    strongest = std::max(strongest, *mode);
    if (!names_.contains(oid)) unknown += (unknown.empty() ? "" : ", ") + oid;
  }
  if (!unknown.empty()) name_relations(other, unknown);
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

// Prepared, since PostgreSQL takes longer to plan it than to run it.
void SeenLocks::name_relations(postgres::Session& other, const std::string& oids) {
  if (prepared_.insert(&other).second) {
    other.execute(
        "PREPARE lockstep_names (pg_catalog.oid[]) AS "
        "SELECT c.oid, n.nspname, c.relname, c.relkind, coalesce(i.indrelid, d.refobjid) FROM pg_catalog.pg_class c "
        "JOIN pg_catalog.pg_namespace n ON n.oid OPERATOR(pg_catalog.=) c.relnamespace "
        "LEFT JOIN pg_catalog.pg_index i ON i.indexrelid OPERATOR(pg_catalog.=) c.oid "
        "LEFT JOIN pg_catalog.pg_depend d ON c.relkind OPERATOR(pg_catalog.=) 'S'::pg_catalog.\"char\" "
        "AND d.classid OPERATOR(pg_catalog.=) 'pg_catalog.pg_class'::pg_catalog.regclass::pg_catalog.oid "
        "AND d.objid OPERATOR(pg_catalog.=) c.oid AND d.objsubid OPERATOR(pg_catalog.=) 0 "
        "AND d.refclassid OPERATOR(pg_catalog.=) 'pg_catalog.pg_class'::pg_catalog.regclass::pg_catalog.oid "
        "AND d.deptype::pg_catalog.text OPERATOR(pg_catalog.~) '[ai]' "
        "WHERE n.nspname::pg_catalog.text OPERATOR(pg_catalog.!~) '^pg_' AND c.relkind::pg_catalog.text OPERATOR(pg_catalog.~) "
        "'[rpmvfiIS]' AND c.oid OPERATOR(pg_catalog.=) ANY ($1)");
  }
  const auto rows = other.execute("EXECUTE lockstep_names (" + support::Sql::literal("{" + oids + "}") + ")");
  for (std::size_t i = 0; i < rows.size(); ++i) {
    names_[rows.text(i, 0)] = {rows.text(i, 1), rows.text(i, 2), rows.text(i, 3), rows.text(i, 4)};
  }
}

}  // namespace lockstep::reconciler
