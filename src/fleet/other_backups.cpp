#include "fleet/other_backups.h"

#include <fmt/format.h>

#include "support/error.h"
#include "support/interrupt.h"

namespace lockstep::fleet {
namespace {

std::string last_line(const std::string& output) {
  const std::size_t end = output.find_last_not_of(" \t\r\n");
  if (end == std::string::npos) return "";
  const std::size_t begin = output.find_last_of('\n', end);
  return output.substr(begin == std::string::npos ? 0 : begin + 1, end - (begin == std::string::npos ? 0 : begin + 1) + 1);
}

// Point-in-time recovery of the cluster can end exactly here. Empty: the role may not, or the server archives no WAL for it.
std::string restore_point(const std::string& run, postgres::Session& session) {
  const std::string name = "lockstep-" + run;
  const auto allowed = session.query(
      "SELECT pg_catalog.has_function_privilege('pg_catalog.pg_create_restore_point(text)', 'EXECUTE') AND "
      "pg_catalog.current_setting('wal_level') OPERATOR(pg_catalog.<>) 'minimal'",
      {});
  if (!allowed.boolean(0, 0)) return "";
  session.query("SELECT pg_catalog.pg_create_restore_point($1)", {name});
  return name;
}

}  // namespace

std::vector<std::string> back_up_also(const std::vector<std::string>& commands, const HookFacts& facts,
                                      postgres::Session& session) {
  std::vector<std::string> made;
  for (const std::string& command : commands) {
    const HookResult result = run_hook(command, facts);
    const std::string artefact = last_line(result.output);
    const std::string failure = !result.failure.empty() ? "failed: " + result.failure
                                : artefact.empty()
                                    ? "printed no artefact: its last line has to be the id of the backup that it made"
                                    : "";
    if (!failure.empty())
      throw support::CommandError(
          support::interrupts() > 0 ? support::interrupt_code() : support::ExitCode::failed,
          fmt::format("`backup: also:` \"{}\" {}\nNothing was changed by this command. Correct the cause, then run it again.",
                      command, failure));
    made.push_back(fmt::format("{} ({})", artefact, command));
  }
  if (made.empty()) return made;
  const std::string point = restore_point(facts.run, session);
  if (!point.empty()) made.push_back("restore point " + point);
  return made;
}

}  // namespace lockstep::fleet
