#include "fleet/checkup.h"

#include <fmt/format.h>

#include "executor/executor.h"

namespace lockstep::fleet {
namespace {

constexpr int kOldest = 14, kNewest = 18;

// Each row of `sql` is one finding; no row: all is well, and `good` says so.
struct Question {
  std::string_view good;
  Verdict verdict;
  std::string_view sql;
};

constexpr Question kQuestions[] = {
    {"accepts writes", Verdict::bad,
     "SELECT 'the server is a standby (in recovery): only its primary can be changed' WHERE pg_is_in_recovery() "
     "UNION ALL SELECT 'the database is read-only (default_transaction_read_only = on)' "
     "WHERE current_setting('default_transaction_read_only') = 'on'"},
    {"may create schemas", Verdict::warning,
     "SELECT format('role %I lacks CREATE on database %I: schema \"lockstep\" (the journal) must exist already', current_user, "
     "current_database()) WHERE NOT has_database_privilege(current_database(), 'CREATE') AND to_regnamespace('lockstep') IS "
     "NULL"},
    {"no long transaction", Verdict::warning,
     "SELECT format('%s (pid %s, %s) has had a transaction open for %s: a step that needs a strong lock waits for it', "
     "coalesce(usename, '?'), pid, nullif(application_name, ''), date_trunc('second', clock_timestamp() - xact_start)) "
     "FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() "
     "AND xact_start < clock_timestamp() - interval '1 minute' ORDER BY xact_start"},
    {"no prepared transaction", Verdict::warning,
     "SELECT format('prepared transaction %L of %s (since %s) keeps its locks until it is ended', gid, owner, prepared) "
     "FROM pg_prepared_xacts WHERE database = current_database() ORDER BY prepared"},
    {"no invalid index", Verdict::warning,
     "SELECT format('index %s is invalid: left over from a concurrent build', indexrelid::regclass) FROM pg_index "
     "WHERE NOT indisvalid ORDER BY 1"},
};

Finding version(const postgres::Session& session) {
  const int major = session.server_version() / 10000;
  const std::string text = fmt::format("PostgreSQL {}.{}", major, session.server_version() % 10000);
  if (major < kOldest) return {Verdict::bad, fmt::format("{} is older than {}, the oldest version supported", text, kOldest)};
  if (major > kNewest) return {Verdict::warning, fmt::format("{} is newer than {}, the newest version known", text, kNewest)};
  return {Verdict::good, text};
}

}  // namespace

std::vector<Finding> checkup(postgres::Session& session) {
  std::vector<Finding> findings = {version(session)};
  for (const Question& question : kQuestions) {
    const postgres::Result rows = session.execute(question.sql);
    if (rows.empty()) findings.push_back({Verdict::good, std::string(question.good)});
    for (std::size_t i = 0; i < rows.size(); ++i) findings.push_back({question.verdict, rows.text(i, 0)});
  }
  if (const auto run = executor::open_run(session))
    findings.push_back({Verdict::warning, fmt::format("run {} stopped after {} of {} steps: the next apply finishes it first",
                                                      run->id, run->settled, run->steps)});
  const std::string broken = executor::verify_journal(session);
  findings.push_back(broken.empty() ? Finding{Verdict::good, "journal intact"} : Finding{Verdict::bad, "journal: " + broken});
  return findings;
}

}  // namespace lockstep::fleet
