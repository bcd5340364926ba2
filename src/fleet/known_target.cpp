#include "fleet/known_target.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "support/error.h"
#include "support/visible.h"

namespace lockstep::fleet {
namespace {

using executor::Identity;

std::string place(const std::string& database, std::int64_t oid, const std::string& cluster) {
  return fmt::format("database \"{}\" (oid {}{})", database, oid, cluster.empty() ? "" : ", cluster " + cluster);
}
std::string place(const Identity& known) {
  return place(known.database, known.database_oid, known.system_identifier);
}
std::string place(const plan::Target& here) {
  return place(here.database, here.database_oid, here.system_identifier);
}

// The environment, other than `but`, that this database is pinned to.
std::string known_as(const Pins& pins, const std::optional<Identity>& journal, const plan::Target& here, const std::string& but) {
  for (const auto& [name, pin] : pins) {
    if (name == but) continue;
    // A copy is not the database that it was copied from.
    const bool same = journal ? journal->id == pin.identity.id && executor::same_place(*journal, here)
                              : executor::same_place(pin.identity, here);
    if (same) return name;
  }
  return {};
}

std::string copied(const Identity& journal, const plan::Target& here, const std::string& flags) {
  return fmt::format(
      "the journal in this database was copied along with it: it was made in {}, this is {}. After a clone or a "
      "restore, say what this database is:\n"
      "  lockstep identity rebind {} --reason …   its history is this database's own from now on\n"
      "  lockstep identity forget {}              it was never applied: the copied journal is removed",
      place(journal), place(here), flags, flags);
}

}  // namespace

std::string wrong_target(postgres::Session& session, const Known& known) {
  const plan::Target here = executor::located(session);
  const std::optional<Identity> journal = executor::identity(session);
  const std::string flags = known.environment.empty() ? "--url …" : "--env " + known.environment;
  if (known.environment.empty()) {
    return journal && !executor::same_place(*journal, here) ? copied(*journal, here, flags) : "";
  }
  const Pins pins = known.lock_path.empty() ? Pins{} : read_pins(known.lock_path);
  const std::string other = known_as(pins, journal, here, known.environment);
  const auto pinned = pins.find(known.environment);
  const bool is_pinned = pinned != pins.end();
  const bool same_journal = is_pinned && journal && journal->id == pinned->second.identity.id;
  if (!other.empty() && !same_journal) {
    return fmt::format("{} points at the database known as {}: {}", known.environment, other, place(here));
  }
  if (journal && !executor::same_place(*journal, here)) return copied(*journal, here, flags);
  if (!is_pinned) return {};
  const Identity& expected = pinned->second.identity;
  if (same_journal && executor::same_place(expected, here)) return {};
  if (!journal && executor::same_place(expected, here)) {
    return fmt::format(
        "{} is {}, as pinned, but its journal (schema \"lockstep\") is gone. If that was meant: lockstep identity "
        "forget {}",
        known.environment, place(here), flags);
  }
  return fmt::format(
      "{} points at {}, and is known to be {}. If the URL is right: lockstep identity forget {}, then apply or "
      "`lockstep identity set {}`",
      known.environment, place(here), place(expected), flags, flags);
}

void require_known_target(postgres::Session& session, const Known& known) {
  const std::string wrong = wrong_target(session, known);
  if (!wrong.empty()) throw support::CommandError(support::ExitCode::stale, "wrong target: " + wrong + "\nNothing was changed.");
}

void require_target_to_change(postgres::Session& session, const Known& known) {
  require_known_target(session, known);
  if (!known.environment.empty() || known.ruled.empty() || known.lock_path.empty()) return;
  const plan::Target here = executor::located(session);
  const std::optional<Identity> journal = executor::identity(session);
  for (const auto& [name, pin] : read_pins(known.lock_path)) {
    // By its place too: `identity rebind` gives a journal another id.
    const bool is_it = (journal && journal->id == pin.identity.id) || executor::same_place(pin.identity, here);
    const auto rule = known.ruled.find(name);
    if (is_it && rule != known.ruled.end())
      throw support::RefusedError(
          fmt::format("this database is environment {0} ({1}), which has `{2}:`, and --url would go round it.\nNothing was "
                      "changed. Use --env {0}.",
                      support::visible(name), support::visible(known.lock_path), rule->second));
  }
}

void require_pinnable(const Known& known) {
  if (known.environment.empty() || known.lock_path.empty()) return;
  const std::string folder = std::filesystem::path(known.lock_path).parent_path().string();
  if (access(folder.empty() ? "." : folder.c_str(), W_OK) != 0)
    throw support::UsageError(fmt::format("{}: {}; nothing was changed. It is where environment {} is pinned to its database",
                                          known.lock_path, std::strerror(errno), known.environment));
}

bool pin(postgres::Session& session, const Known& known, const std::string& applied) {
  if (known.environment.empty() || known.lock_path.empty()) return false;
  const std::optional<Identity> journal = executor::identity(session);
  if (!journal) return false;
  Pins pins = read_pins(known.lock_path);
  const auto before = pins.find(known.environment);
  Pin now{*journal, applied};
  if (before != pins.end() && applied.empty()) now.applied = before->second.applied;
  const bool fresh = before == pins.end();
  if (!fresh && before->second == now) return false;
  pins[known.environment] = std::move(now);
  write_pins(known.lock_path, pins);
  return fresh;
}

}  // namespace lockstep::fleet
