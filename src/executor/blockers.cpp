#include "executor/blockers.h"

#include <array>
#include <nlohmann/json.hpp>

namespace lockstep::executor {

namespace {

using plan::LockMode;

constexpr std::array kHeld =
    std::to_array<std::string_view>({"AccessShareLock", "RowShareLock", "RowExclusiveLock", "ShareUpdateExclusiveLock",
                                     "ShareLock", "ShareRowExclusiveLock", "ExclusiveLock", "AccessExclusiveLock"});

// PostgreSQL's table of conflicting lock modes: one bit per mode of kHeld, from the left.
unsigned conflicts(LockMode mode) {
  switch (mode) {
    case LockMode::none:
      return 0;
    case LockMode::access_share:
      return 0b00000001;
    case LockMode::row_share:
      return 0b00000011;
    case LockMode::row_exclusive:
      return 0b00001111;
    case LockMode::share_update_exclusive:
      return 0b00011111;
    case LockMode::share:
      return 0b00110111;
    case LockMode::share_row_exclusive:
      return 0b00111111;
    case LockMode::exclusive:
      return 0b01111111;
    case LockMode::access_exclusive:
      return 0b11111111;
  }
  return 0;
}

// Needs the columns pid and, from pg_stat_activity a, the rest; p is a prepared transaction if there is no a. What other roles'
// sessions do is hidden from a role without pg_read_all_stats, and the text says so.
constexpr support::Sql kDescription =
    "CASE WHEN p.gid IS NOT NULL THEN 'prepared transaction ' || pg_catalog.quote_literal(p.gid) || ' (' || p.owner || "
    "', for ' || pg_catalog.round(extract(epoch FROM pg_catalog.clock_timestamp() - p.prepared))::pg_catalog.int8 || ' s; COMMIT "
    "PREPARED or ROLLBACK PREPARED ends it)' WHEN a.pid IS NULL THEN 'a session that is just ending' "
    "ELSE 'pid ' || a.pid || ' (' || pg_catalog.concat_ws(', ', coalesce(nullif(a.application_name, ''), 'no application name'), "
    "coalesce('user ' || a.usename, nullif(a.backend_type, 'client backend'), 'a server process such as autovacuum'), "
    "pg_catalog.host(a.client_addr), CASE WHEN a.state IS NOT NULL THEN a.state || coalesce(' for ' || "
    "pg_catalog.round(extract(epoch FROM pg_catalog.clock_timestamp() - a.xact_start))::pg_catalog.int8 || ' s', '') "
    "WHEN a.usename IS NOT NULL THEN 'what it does is hidden from this role, GRANT pg_read_all_stats shows it' END) || ')' END";

void want(nlohmann::json& wanted, const std::string& relation, LockMode mode) {
  std::string modes;
  for (std::size_t held = 0; held < kHeld.size(); ++held) {
    if (!((conflicts(mode) >> (kHeld.size() - 1 - held)) & 1U)) continue;
    modes += (modes.empty() ? "" : ",") + std::string(kHeld[held]);
  }
  if (!modes.empty()) wanted.push_back({{"relation", relation}, {"modes", "{" + modes + "}"}});
}

}  // namespace

std::string blockers_of(postgres::Session& session, int pid) {
  return session
      .query("SELECT pg_catalog.string_agg(DISTINCT " + kDescription +
                 ", '; ') FROM pg_catalog.unnest(pg_catalog.pg_blocking_pids($1)) AS b (pid) "
                 "LEFT JOIN pg_catalog.pg_stat_activity a ON a.pid = b.pid "
                 "LEFT JOIN pg_catalog.pg_prepared_xacts p ON b.pid = 0 AND p.database = pg_catalog.current_database()",
             {std::to_string(pid)})
      .text(0, 0);
}

std::vector<Conflict> conflicts_with(postgres::Session& session, const plan::Step& step) {
  nlohmann::json wanted = nlohmann::json::array();
  for (const plan::RelationLock& lock : step.locks) want(wanted, lock.relation, lock.mode);
  for (const plan::Expectation& expected : step.expects) want(wanted, expected.relation, expected.lock);
  for (const plan::Loss& loss : step.losses) {
    if (!loss.relation.empty() && loss.hidden.empty()) want(wanted, loss.relation, LockMode::access_exclusive);
  }
  if (wanted.empty()) return {};
  const auto rows = session.query(
      "SELECT DISTINCT l.virtualtransaction, " + kDescription +
          ", a.pid IS NOT NULL AND coalesce(a.backend_type = 'autovacuum worker', a.usesysid IS NULL), "
          "(extract(epoch FROM pg_catalog.clock_timestamp() - coalesce(a.xact_start, p.prepared)) * 1000)::pg_catalog.int8 "
          "FROM pg_catalog.json_to_recordset($1) AS w (relation pg_catalog.text, modes pg_catalog.text[]) "
          "JOIN pg_catalog.pg_locks l ON l.relation = pg_catalog.to_regclass(w.relation) AND l.mode = ANY (w.modes) "
          "LEFT JOIN pg_catalog.pg_stat_activity a ON a.pid = l.pid "
          "LEFT JOIN pg_catalog.pg_locks x ON l.pid IS NULL AND x.pid IS NULL AND x.locktype = 'transactionid' AND "
          "x.virtualtransaction = l.virtualtransaction "
          "LEFT JOIN pg_catalog.pg_prepared_xacts p ON p.transaction = x.transactionid "
          "WHERE l.granted AND l.locktype = 'relation' AND l.pid IS DISTINCT FROM pg_catalog.pg_backend_pid() "
          "AND l.database = (SELECT d.oid FROM pg_catalog.pg_database d WHERE d.datname = pg_catalog.current_database())",
      {wanted.dump()});
  std::vector<Conflict> found;
  for (std::size_t row = 0; row < rows.size(); ++row) {
    Conflict conflict{rows.text(row, 0), rows.text(row, 1), rows.boolean(row, 2), std::nullopt};
    if (rows.at(row, 3)) conflict.age = std::chrono::milliseconds(rows.integer(row, 3));
    found.push_back(std::move(conflict));
  }
  return found;
}

}  // namespace lockstep::executor
