#include "fleet/other_backups.h"

#include <fmt/format.h>

#include <cctype>

#include "support/error.h"
#include "support/interrupt.h"
#include "support/visible.h"

namespace lockstep::fleet {
namespace {

std::string last_line(std::string output) {
  if (output.ends_with('\n')) output.pop_back();
  output.erase(0, output.rfind('\n') + 1);
  output.erase(output.find_last_not_of(" \t\r") + 1);
  return output;
}

// What is wrong with it as the id of a backup; empty: nothing. A log line or a CI's command (::error::…) must not be taken for
// one.
std::string flaw_of(const std::string& id) {
  constexpr std::size_t kLongest = 255;
  if (id.empty()) return "its last line is blank";
  if (id.size() > kLongest) return fmt::format("its last line is longer than {} bytes", kLongest);
  const auto first = static_cast<unsigned char>(id.front());
  const bool begins = std::isalnum(first) != 0 || first >= 0x80U || id.front() == '/' || id.front() == '.' || id.front() == '_';
  return begins && support::visible(id) == id ? "" : fmt::format("its last line is \"{}\"", support::visible(id));
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
    const std::string flaw = flaw_of(artefact);
    const std::string failure =
        !result.failure.empty() ? "failed: " + result.failure
        : !flaw.empty()         ? fmt::format(
                                      "printed no artefact: its last line has to be the id of the backup that it made (one that "
                                              "begins with a letter, a digit, /, . or _), and {}",
                                      flaw)
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
