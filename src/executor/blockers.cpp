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

// One description per backend; needs columns pid and, from pg_stat_activity a, the rest.
constexpr support::Sql kDescription =
    "pg_catalog.string_agg(DISTINCT CASE WHEN a.pid IS NULL THEN 'a prepared transaction' ELSE 'pid ' || a.pid || ' (' || "
    "pg_catalog.concat_ws(', ', nullif(a.application_name, ''), a.usename, nullif(a.backend_type, 'client backend'), "
    "a.state || coalesce(' for ' || pg_catalog.round(extract(epoch FROM pg_catalog.clock_timestamp() - a.xact_start))::bigint || "
    "' s', "
    "'')) || ')' END, '; ')";

}  // namespace

std::string blockers_of(postgres::Session& session, int pid) {
  return session
      .query("SELECT " + kDescription +
                 " FROM pg_catalog.unnest(pg_catalog.pg_blocking_pids($1)) AS b (pid) "
                 "LEFT JOIN pg_catalog.pg_stat_activity a ON a.pid = b.pid",
             {std::to_string(pid)})
      .text(0, 0);
}

std::string old_conflicts(postgres::Session& session, const plan::Step& step) {
  nlohmann::json wanted = nlohmann::json::array();
  for (const plan::RelationLock& lock : step.locks) {
    std::string modes;
    for (std::size_t held = 0; held < kHeld.size(); ++held) {
      if (!((conflicts(lock.mode) >> (kHeld.size() - 1 - held)) & 1U)) continue;
      modes += (modes.empty() ? "" : ",") + std::string(kHeld[held]);
    }
    if (!modes.empty()) wanted.push_back({{"relation", lock.relation}, {"modes", "{" + modes + "}"}});
  }
  if (wanted.empty()) return "";
  return session
      .query("SELECT " + kDescription +
                 " FROM pg_catalog.json_to_recordset($1) AS w (relation text, modes text[]) "
                 "JOIN pg_catalog.pg_locks l ON l.relation = pg_catalog.to_regclass(w.relation) AND l.mode = ANY (w.modes) "
                 "JOIN pg_catalog.pg_stat_activity a ON a.pid = l.pid "
                 "WHERE l.granted AND l.locktype = 'relation' AND a.pid <> pg_catalog.pg_backend_pid() "
                 "AND a.backend_type = 'client backend' AND a.xact_start < pg_catalog.clock_timestamp() - interval '1 second' "
                 "AND l.database = (SELECT d.oid FROM pg_catalog.pg_database d WHERE d.datname = pg_catalog.current_database())",
             {wanted.dump()})
      .text(0, 0);
}

}  // namespace lockstep::executor
