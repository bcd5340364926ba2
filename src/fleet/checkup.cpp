#include "fleet/checkup.h"

#include <fmt/format.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "executor/executor.h"
#include "executor/transitional.h"
#include "fleet/gate.h"
#include "support/visible.h"

namespace lockstep::fleet {
namespace {

constexpr int kOldest = 14, kNewest = 18;

// Each row of `sql` is one finding. Without rows the finding is `good`.
struct Question {
  std::string_view check;
  std::string_view good;
  Verdict verdict;
  support::Sql sql;
};

constexpr Question kQuestions[] = {
    {"writable", "accepts writes", Verdict::bad,
     "SELECT 'the server is a standby (in recovery): only its primary can be changed' WHERE pg_is_in_recovery() "
     "UNION ALL SELECT 'the database is read-only (default_transaction_read_only = on)' "
     "WHERE current_setting('default_transaction_read_only') = 'on'"},
    {"privileges", "may create schemas", Verdict::warning,
     "SELECT format('role %I lacks CREATE on database %I: schema \"lockstep\" (the journal) must exist already', current_user, "
     "current_database()) WHERE NOT has_database_privilege(current_database(), 'CREATE') AND to_regnamespace('lockstep') IS "
     "NULL"},
    {"privileges", "the journal can be written", Verdict::bad,
     "SELECT format('role %I may not write %s: GRANT INSERT ON %2$s TO %1$I', current_user, t) FROM unnest(ARRAY['lockstep.run', "
     "'lockstep.event', 'lockstep.backup', 'lockstep.applied', 'lockstep.object']) t WHERE to_regclass(t) IS NOT NULL AND NOT "
     "has_table_privilege(t, 'INSERT')"},
    {"privileges", "owns what it may have to change", Verdict::warning,
     "SELECT format('%s of schema %I belong to role %I, of which %I is no member: only their owner may change them', "
     "CASE count(*) WHEN 1 THEN 'one relation' ELSE count(*) || ' relations' END, n.nspname, pg_get_userbyid(c.relowner), "
     "current_user) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname !~ '^pg_' AND n.nspname NOT IN "
     "('information_schema', 'lockstep') AND c.relkind IN ('r', 'p', 'v', 'm', 'S', 'f') AND NOT pg_has_role(c.relowner, "
     "'USAGE') "
     "AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e') "
     "GROUP BY n.nspname, c.relowner ORDER BY 1"},
    {"long transactions", "no long transaction", Verdict::warning,
     "SELECT format('%s (pid %s, %s) has had a transaction open for %s: a step that needs a strong lock waits for it', "
     "coalesce(usename, '?'), pid, nullif(application_name, ''), date_trunc('second', clock_timestamp() - xact_start)) "
     "FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() "
     "AND xact_start < clock_timestamp() - interval '1 minute' ORDER BY xact_start"},
    {"long transactions", "no prepared transaction", Verdict::warning,
     "SELECT format('prepared transaction %L of %s (since %s) keeps its locks until it is ended', gid, owner, prepared) "
     "FROM pg_prepared_xacts WHERE database = current_database() ORDER BY prepared"},
    {"invalid indexes", "no invalid index", Verdict::warning,
     "SELECT format('index %s is invalid: left over from a concurrent build', indexrelid::regclass) FROM pg_index "
     "WHERE NOT indisvalid ORDER BY 1"},
    {"replicas", "no replication slot holds WAL back", Verdict::warning,
     "SELECT format('replication slot %I is not in use and holds back %s of WAL: a backfill makes it grow', slot_name, "
     "pg_size_pretty(pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn))) FROM pg_replication_slots WHERE NOT active AND "
     "restart_lsn IS NOT NULL AND NOT pg_is_in_recovery() ORDER BY slot_name"},
};

Finding version(const postgres::Session& session) {
  const int major = session.server_version() / 10000;
  const std::string text = fmt::format("PostgreSQL {}.{}", major, session.server_version() % 10000);
  if (major < kOldest)
    return {"version", Verdict::bad, fmt::format("{} is older than {}, the oldest version supported", text, kOldest)};
  if (major > kNewest)
    return {"version", Verdict::warning, fmt::format("{} is newer than {}, the newest version known", text, kNewest)};
  return {"version", Verdict::good, text};
}

Finding target(postgres::Session& session, const Known& known) {
  const std::string wrong = wrong_target(session, known);
  if (!wrong.empty()) return {"identity", Verdict::bad, "wrong target: " + wrong};
  if (!executor::identity(session)) return {"identity", Verdict::good, "never applied: the first apply gives it an identity"};
  return {"identity", Verdict::good,
          known.environment.empty() ? "the journal was made in this database" : "is the database it is known to be"};
}

Finding replicas(postgres::Session& session, std::chrono::milliseconds most) {
  const postgres::Result rows = session.query(
      "SELECT count(*), count(replay_lag), coalesce(string_agg(format('%s lags %s', coalesce(nullif(application_name, ''), "
      "host(client_addr), 'a replica'), date_trunc('milliseconds', replay_lag)), ', ' ORDER BY application_name) FILTER (WHERE "
      "$1 > 0 AND replay_lsn IS NOT NULL AND replay_lag > make_interval(secs => $1 / 1000.0)), '') FROM pg_stat_replication",
      {std::to_string(most.count())});
  if (!rows.text(0, 2).empty())
    return {"replicas", Verdict::warning,
            fmt::format("{}: a backfill pauses above {} ms", support::visible(rows.text(0, 2)), most.count())};
  const std::int64_t count = rows.integer(0, 0);
  return {"replicas", Verdict::good,
          count == 0 ? "no replica is connected" : fmt::format("{} connected, none lags too far", count)};
}

std::string size(std::int64_t bytes) {
  constexpr std::int64_t kMega = 1024 * 1024;
  return bytes < 1024 * kMega ? fmt::format("{} MB", bytes / kMega)
                              : fmt::format("{:.1f} GB", static_cast<double>(bytes) / 1024.0 / kMega);
}

// SQL doesn't tell how much space is free on the server's disk, but it tells how much the largest step could need.
Finding disk(postgres::Session& session) {
  const postgres::Result rows = session.execute(
      "SELECT c.oid::regclass, pg_total_relation_size(c.oid) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE "
      "c.relkind IN ('r', 'm') AND n.nspname !~ '^pg_' AND n.nspname NOT IN ('information_schema', 'lockstep') AND "
      "has_schema_privilege(n.oid, 'USAGE') ORDER BY 2 DESC, 1 LIMIT 1");
  const std::string all = fmt::format("the database takes {}", size(database_bytes(session)));
  if (rows.empty()) return {"disk", Verdict::good, all};
  return {"disk", Verdict::good,
          fmt::format("{}; a step that rewrites its largest table, {}, needs {} free on the server", all,
                      support::visible(rows.text(0, 0)), size(rows.integer(0, 1)))};
}

}  // namespace

std::int64_t database_bytes(postgres::Session& session) {
  return session.execute("SELECT pg_database_size(current_database())").integer(0, 0);
}

std::vector<Finding> checkup(postgres::Session& session, const Known& known, std::chrono::milliseconds max_replica_lag) {
  std::vector<Finding> findings;
  if (const auto run = executor::open_run(session); run && run->waits())
    findings.push_back({"open run", Verdict::warning,
                        fmt::format("run {} by {} {}: `{}` goes on", run->id, run->who(),
                                    gate_words(gate_of(session, *run, known)), gate_of(session, *run, known).go_on)});
  else if (run)
    findings.push_back({"open run", Verdict::warning,
                        fmt::format("run {} by {}, started {}, stopped after {} of {} steps: `lockstep resume` continues it, "
                                    "`lockstep resolve --abandon` gives it up",
                                    run->id, run->who(), run->started, run->settled, run->steps)});
  if (const auto left = executor::left_behind(session); !left.empty())
    findings.push_back({"left over", Verdict::warning,
                        fmt::format("{} transitional object{} of runs that were given up: the next plan takes care of them",
                                    left.size(), left.size() == 1 ? "" : "s")});
  findings.push_back(version(session));
  findings.push_back(target(session, known));
  for (const Question& question : kQuestions) {
    const postgres::Result rows = session.execute(question.sql);
    if (rows.empty()) findings.push_back({std::string(question.check), Verdict::good, std::string(question.good)});
    for (std::size_t i = 0; i < rows.size(); ++i)
      findings.push_back({std::string(question.check), question.verdict, support::visible(rows.text(i, 0))});
  }
  findings.push_back(replicas(session, max_replica_lag));
  findings.push_back(disk(session));
  const std::string broken = executor::verify_journal(session);
  findings.push_back(broken.empty() ? Finding{"journal", Verdict::good, "journal intact"}
                                    : Finding{"journal", Verdict::bad, broken});
  return findings;
}

Finding backup_target(const std::string& folder, std::int64_t bytes) {
  namespace fs = std::filesystem;
  std::error_code ignored;
  fs::path existing = fs::absolute(folder, ignored).lexically_normal();
  while (!fs::exists(existing, ignored) && existing.has_parent_path() && existing != existing.parent_path())
    existing = existing.parent_path();
  if (!fs::is_directory(existing, ignored))
    return {"backup target", Verdict::bad, fmt::format("backups can't be written: {} is no folder", existing.string())};
  if (access(existing.c_str(), W_OK | X_OK) != 0)
    return {"backup target", Verdict::bad,
            fmt::format("backups can't be written: {}: {}", existing.string(), std::strerror(errno))};
  struct statvfs space {};
  if (statvfs(existing.c_str(), &space) != 0)
    return {"backup target", Verdict::warning, fmt::format("{}: free space is unknown: {}", folder, std::strerror(errno))};
  const auto free = static_cast<std::int64_t>(space.f_bavail) * static_cast<std::int64_t>(space.f_frsize);
  if (free < bytes)
    return {"backup target", Verdict::warning,
            fmt::format("{} has {} free, the database takes {}: what a plan loses is saved compressed, but it could be too much",
                        folder, size(free), size(bytes))};
  return {"backup target", Verdict::good, fmt::format("backups go to {}, {} free", folder, size(free))};
}

}  // namespace lockstep::fleet
