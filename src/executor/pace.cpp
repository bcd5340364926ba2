#include "executor/pace.h"

namespace lockstep::executor {

std::string Pace::too_far_behind(postgres::Session& session, Clock& clock) {
  if (settings_.max_replica_lag.count() <= 0 && settings_.max_slot_lag <= 0) return {};
  const auto now = clock.now();
  if (now - asked_ < kPacePause) return {};
  asked_ = now;
  const auto behind = session.query(R"sql(
SELECT 'replica ' || pg_catalog.quote_ident(coalesce(application_name, '')) || ' is '
         || (extract(epoch FROM replay_lag) * 1000)::pg_catalog.int8 || ' ms behind'
FROM pg_catalog.pg_stat_replication
WHERE $1::pg_catalog.int8 > 0 AND replay_lsn IS NOT NULL AND extract(epoch FROM replay_lag) * 1000 > $1::pg_catalog.int8
UNION ALL
SELECT 'slot ' || pg_catalog.quote_ident(slot_name) || ' is '
         || pg_catalog.pg_size_pretty(pg_catalog.pg_wal_lsn_diff(pg_catalog.pg_current_wal_lsn(), coalesce(confirmed_flush_lsn, restart_lsn)))
         || ' behind'
FROM pg_catalog.pg_replication_slots
WHERE $2::pg_catalog.int8 > 0 AND active
  AND pg_catalog.pg_wal_lsn_diff(pg_catalog.pg_current_wal_lsn(), coalesce(confirmed_flush_lsn, restart_lsn)) > $2::pg_catalog.int8)sql",
                                    {std::to_string(settings_.max_replica_lag.count()), std::to_string(settings_.max_slot_lag)});
  std::string all;
  for (std::size_t row = 0; row < behind.size(); ++row) all += (all.empty() ? "" : ", ") + behind.text(row, 0);
  return all;
}

}  // namespace lockstep::executor
