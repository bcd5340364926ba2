#include "executor/pace.h"

#include <fmt/format.h>

namespace lockstep::executor {

std::string Pace::to_wait_for(postgres::Session& session, Clock& clock, std::int64_t relation) {
  const Time now = clock.now();
  if (now - asked_ < kPacePause) return {};
  asked_ = now;
  std::string why;
  const auto add = [&](const std::string& one) { why += (why.empty() || one.empty() ? "" : ", ") + one; };
  if (settings_.max_replica_lag.count() > 0 || settings_.max_slot_lag > 0) add(readers(session));
  if (settings_.max_wal > 0) add(wal(session, now));
  if (settings_.max_dead > 0) add(dead_rows_.to_wait_for(session, now, relation));
  return why;
}

// Quiet time before isn't made up for: each half second that was within the limit begins anew.
std::string Pace::wal(postgres::Session& session, Time now) {
  const auto position =
      session.query("SELECT pg_catalog.pg_wal_lsn_diff(pg_catalog.pg_current_wal_lsn(), '0/0')::pg_catalog.int8", {})
          .integer(0, 0);
  if (!wal_) wal_ = Wal{now, position};
  const std::int64_t written = position - wal_->position;
  const double seconds = std::chrono::duration<double>(now - wal_->since).count();
  if (static_cast<double>(written) <= static_cast<double>(settings_.max_wal) * seconds) {
    wal_ = Wal{now, position};
    return {};
  }
  constexpr double kMiB = 1024.0 * 1024.0;
  return fmt::format("the server has written {:.1f} MB of WAL in {:.1f} s", static_cast<double>(written) / kMiB, seconds);
}

std::string Pace::readers(postgres::Session& session) const {
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
