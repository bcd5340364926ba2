#include "cli/preflight.h"

#include <algorithm>

#include "executor/sound_journal.h"

namespace lockstep::cli {

Preflight preflight(const Work& todo) {
  Preflight result;
  try {
    result.session = executor::connect(todo.url, todo.settings.application);
    postgres::Session* const session = result.session.get();
    result.findings = fleet::checkup(*session, todo.known, todo.settings.max_replica_lag);
    result.findings.push_back(fleet::backup_target(todo.settings.backup_folder, fleet::database_bytes(*session)));
    result.live = postgres::introspect(*session, {.facts = false});
  } catch (const support::DatabaseError& error) {
    const bool connected = !result.findings.empty();
    result.findings.push_back({connected ? "catalog" : "reachable", fleet::Verdict::bad,
                               (connected ? "the catalog can't be read: " : "can't be reached: ") + error.facts().message});
  } catch (const support::RefusedError& error) {
    result.findings.push_back({"pooler", fleet::Verdict::bad, error.what()});
    result.unfit = error.code();
  }
  return result;
}

bool fit(const std::vector<fleet::Finding>& findings) {
  return std::none_of(findings.begin(), findings.end(),
                      [](const fleet::Finding& one) { return one.verdict == fleet::Verdict::bad; });
}

}  // namespace lockstep::cli
