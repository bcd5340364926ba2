#include "executor/dead_rows.h"

#include <fmt/format.h>

#include <algorithm>

namespace lockstep::executor {

std::string DeadRows::to_wait_for(postgres::Session& session, std::chrono::steady_clock::time_point now, std::int64_t relation) {
  const auto found = session.query(R"sql(
SELECT pg_catalog.pg_stat_get_dead_tuples(c.oid), pg_catalog.pg_stat_get_live_tuples(c.oid),
  pg_catalog.pg_stat_get_autovacuum_count(c.oid) + pg_catalog.pg_stat_get_vacuum_count(c.oid),
  EXISTS (SELECT FROM pg_catalog.pg_stat_progress_vacuum v WHERE v.relid = c.oid),
  pg_catalog.current_setting('autovacuum')::pg_catalog.bool AND coalesce((
    SELECT o.option_value::pg_catalog.bool FROM pg_catalog.pg_options_to_table(c.reloptions) o
    WHERE o.option_name = 'autovacuum_enabled'), true),
  (extract(epoch FROM pg_catalog.current_setting('autovacuum_naptime')::pg_catalog.interval) * 1000)::pg_catalog.int8
FROM pg_catalog.pg_class c WHERE c.oid = $1::pg_catalog.oid)sql",
                                   {std::to_string(relation)});
  if (found.empty()) return {};
  const std::int64_t dead = found.integer(0, 0), live = found.integer(0, 1), vacuums = found.integer(0, 2);
  const bool at_work = found.boolean(0, 3), comes = found.boolean(0, 4);
  const std::chrono::milliseconds nap(found.integer(0, 5));
  if (relation != relation_) {
    relation_ = relation;
    accepted_ = 0;
    since_.reset();
  } else if (vacuums != vacuums_) {
    accepted_ = dead;
    since_.reset();
  }
  vacuums_ = vacuums;
  const std::int64_t limit = accepted_ + std::max<std::int64_t>(live, 1) * percent_ / 100;
  if (dead <= limit || (!at_work && !comes)) {
    since_.reset();
    return {};
  }
  if (!since_) since_ = now;
  if (!at_work && now - *since_ > 2 * nap) {
    accepted_ = dead;
    since_.reset();
    return {};
  }
  return fmt::format("{} rows of the table are dead beside {}, {}", dead, live,
                     at_work ? "a vacuum is at work" : "autovacuum is to come");
}

}  // namespace lockstep::executor
