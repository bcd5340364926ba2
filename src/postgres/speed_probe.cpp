#include "postgres/speed_probe.h"

#include <algorithm>
#include <cstdlib>
#include <nlohmann/json.hpp>

#include "support/error.h"

namespace lockstep::postgres {

namespace {

using support::Sql;

constexpr std::int64_t kTrialRows = 2000, kMostRows = 30000;  // the latter fit into the smallest usual temp_buffers (8 MB)
constexpr double kFillSeconds = 0.025;                        // the rest takes some five times as long
constexpr std::string_view kQueryCanceled = "57014", kLockTimeout = "55P03";

// A temporary table is small, in memory of the session's own, and nothing of it is logged. Measured beside tables of 200 MB
// (docs/adr/0037).
constexpr double kReadFasterThanReal = 2, kCopiedFasterThanReal = 1.5, kIndexedFasterThanReal = 1.8, kUpdatedFasterThanReal = 3;

// Rows of about a hundred bytes, as they are in many tables.
Sql fill(std::int64_t rows) {
  return "INSERT INTO pg_temp.lockstep_probe SELECT n, n OPERATOR(pg_catalog.%) 1000, pg_catalog.md5(n::pg_catalog.text) "
         "OPERATOR(pg_catalog.||) pg_catalog.md5((n OPERATOR(pg_catalog.+) 1)::pg_catalog.text) FROM "
         "pg_catalog.generate_series(1, " +
         Sql::number(rows) + ") AS n; ";
}

constexpr Sql kTick = "INSERT INTO pg_temp.lockstep_clock VALUES (DEFAULT, pg_catalog.clock_timestamp()); ";

std::string why_not(Session& session) {
  const Result rows = session.execute(
      "SELECT pg_catalog.pg_is_in_recovery(), pg_catalog.current_setting('transaction_read_only'), "
      "pg_catalog.has_database_privilege(pg_catalog.current_database(), 'TEMP'), EXISTS (SELECT FROM pg_catalog.pg_event_trigger "
      "WHERE evtenabled OPERATOR(pg_catalog.<>) 'D'::pg_catalog.\"char\")");
  if (rows.boolean(0, 0)) return "it is a standby";
  if (rows.text(0, 1) == "on") return "transactions are read-only";
  if (!rows.boolean(0, 2)) return "the role may not make temporary tables";
  if (rows.boolean(0, 3)) return "an event trigger would run";
  return {};
}

// Small, so that the second part takes the same time everywhere.
std::int64_t rows_for_this_server(Session& session) {
  const Result trial = session.execute(
      "SET LOCAL statement_timeout = '100ms'; "
      "CREATE TEMPORARY TABLE lockstep_clock (id pg_catalog.int8 GENERATED ALWAYS AS IDENTITY, at pg_catalog.timestamptz); "
      "CREATE TEMPORARY TABLE lockstep_probe (id pg_catalog.int8, size pg_catalog.int4, body pg_catalog.text); " +
      kTick + fill(kTrialRows) + kTick +
      "SELECT extract(epoch FROM pg_catalog.max(at) OPERATOR(pg_catalog.-) pg_catalog.min(at)) FROM pg_temp.lockstep_clock");
  const double seconds = std::max(1e-4, std::strtod(trial.text(0, 0).c_str(), nullptr));
  return std::clamp(static_cast<std::int64_t>(kTrialRows * kFillSeconds / seconds), kTrialRows, kMostRows);
}

plan::Speeds measured(Session& session, std::int64_t rows) {
  const Result found = session.execute(
      "TRUNCATE pg_temp.lockstep_probe, pg_temp.lockstep_clock; " + fill(rows) + kTick +
      "SELECT pg_catalog.count(*) FROM pg_temp.lockstep_probe WHERE size OPERATOR(pg_catalog.<) 0; " + kTick +
      "CREATE TEMPORARY TABLE lockstep_copy AS SELECT id, size::pg_catalog.int8 AS size, body FROM pg_temp.lockstep_probe; " +
      kTick + "CREATE INDEX lockstep_index ON pg_temp.lockstep_copy (body); " + kTick +
      "UPDATE pg_temp.lockstep_copy SET size = 1 WHERE id OPERATOR(pg_catalog.<=) " + Sql::number(rows / 4) + "; " + kTick +
      "SELECT extract(epoch FROM at OPERATOR(pg_catalog.-) pg_catalog.lag(at) OVER (ORDER BY id)), "
      "pg_catalog.pg_relation_size('pg_temp.lockstep_probe'), pg_catalog.pg_relation_size('pg_temp.lockstep_index') FROM "
      "pg_temp.lockstep_clock ORDER BY id");
  const auto seconds = [&](std::size_t row) { return std::max(1e-4, std::strtod(found.text(row, 0).c_str(), nullptr)); };
  const auto bytes = static_cast<double>(found.integer(0, 1)), index = static_cast<double>(found.integer(0, 2));
  plan::Speeds speeds;
  speeds.measured = true;
  speeds.read = bytes / seconds(1) / kReadFasterThanReal;
  speeds.copy = bytes / seconds(2) / kCopiedFasterThanReal;
  speeds.index = index / seconds(3) / kIndexedFasterThanReal;
  speeds.update = static_cast<double>(rows / 4) / seconds(4) / kUpdatedFasterThanReal;
  return speeds;
}

}  // namespace

plan::Speeds measure_speeds(Session& session) {
  plan::Speeds fixed;
  fixed.why_not = why_not(session);
  if (!fixed.why_not.empty()) return fixed;
  try {
    Transaction rolled_back(session);
    return measured(session, rows_for_this_server(session));
  } catch (const support::DatabaseError& error) {
    if (error.facts().connection_lost) throw;
    fixed.why_not = error.sqlstate() == kQueryCanceled ? "it took too long" : error.facts().message;
    return fixed;
  }
}

std::map<std::string, plan::Bulk> bulk_of(Session& session, const std::vector<std::string>& relations) {
  std::map<std::string, plan::Bulk> found;
  try {
    const Result rows = session.query(
        "WITH RECURSIVE leaf (name, relation) AS (SELECT w.name, pg_catalog.to_regclass(w.name)::pg_catalog.oid FROM "
        "pg_catalog.json_array_elements_text($1) AS w (name) "
        "UNION ALL SELECT l.name, i.inhrelid FROM leaf l JOIN pg_catalog.pg_inherits i ON i.inhparent = l.relation JOIN "
        "pg_catalog.pg_class c ON c.oid = i.inhrelid AND c.relispartition AND c.relkind <> 'i' AND c.relkind <> 'I') "
        "SELECT l.name, pg_catalog.sum(pg_catalog.pg_relation_size(c.oid))::pg_catalog.int8, pg_catalog.sum(CASE WHEN c.relkind "
        "= "
        "'p' THEN 0 ELSE greatest(c.reltuples, 0) END)::pg_catalog.int8, pg_catalog.sum(pg_catalog.pg_indexes_size(c.oid))"
        "::pg_catalog.int8 FROM leaf l JOIN pg_catalog.pg_class c ON c.oid = l.relation WHERE c.relkind IN ('r', 'p', 'm') "
        "GROUP BY l.name",
        {nlohmann::json(relations).dump()});
    for (std::size_t row = 0; row < rows.size(); ++row)
      found[rows.text(row, 0)] = {rows.integer(row, 1), rows.integer(row, 2), rows.integer(row, 3)};
  } catch (const support::DatabaseError& error) {
    if (error.sqlstate() != kLockTimeout) throw;  // somebody locks one of them: it is only an estimate
  }
  return found;
}

}  // namespace lockstep::postgres
