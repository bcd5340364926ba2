// Shows and changes which database an environment is: after a clone, a restore or a move to a new server.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "cli/commands.h"
#include "cli/difference_view.h"
#include "cli/target.h"
#include "executor/executor.h"
#include "executor/sound_journal.h"
#include "fleet/known_target.h"
#include "support/error.h"

namespace lockstep::cli {
namespace {

using executor::Identity;
using nlohmann::ordered_json;
using support::ExitCode;

void flags(Flags app, Options& options) {
  const Flags show = app.action(options, "show", "who a database is, in its journal and in lockstep.lock (default: all pins)");
  target_flags(show, options);
  format_flag(show, options);
  const Flags set =
      app.action(options, "set", "pin an environment to the database its URL leads to (makes the journal where there is none)");
  target_flags(set, options);
  const Flags rebind =
      app.action(options, "rebind", "after a clone or a restore: this is a database of its own, with this history");
  target_flags(rebind, options);
  rebind.option("--reason", options.reason, "why; journalled").required().type("TEXT");
  const Flags forget =
      app.action(options, "forget", "unpin an environment; remove a journal that was copied from another database");
  target_flags(forget, options);
  forget.flag("-y,--yes", options.yes, "don't ask before a copied journal is removed");
}

std::string text(const Identity& one) {
  return fmt::format("{}  database \"{}\", oid {}, cluster {}", one.id, one.database, one.database_oid,
                     one.system_identifier.empty() ? "unknown" : one.system_identifier);
}

ordered_json json(const Identity& one) {
  return {{"id", one.id},
          {"database", one.database},
          {"database_oid", one.database_oid},
          {"system_identifier", one.system_identifier}};
}

fleet::Pins pins_of(const Options& options, const Console& console) {
  const auto file = configuration(options, console);
  return file ? fleet::read_pins(file->lock_path()) : fleet::Pins{};
}

ExitCode show_pins(const Options& options, const Console& console) {
  const fleet::Pins pins = pins_of(options, console);
  if (options.format == "json") {
    ordered_json document = {{"format", "lockstep-identity/1"}, {"environments", ordered_json::object()}};
    for (const auto& [name, pin] : pins) {
      document["environments"][name] = json(pin.identity);
      document["environments"][name]["applied"] = pin.applied;
    }
    console.out(json_text(document));
    return ExitCode::done;
  }
  if (pins.empty()) console.out("no environment is pinned\n");
  for (const auto& [name, pin] : pins) console.out(fmt::format("{}  {}\n", name, text(pin.identity)));
  return ExitCode::done;
}

ExitCode show(const Options& options, const Console& console) {
  if (options.url.empty() && options.env.empty()) return show_pins(options, console);
  const Work todo = work(options, console, Need::yes, Need::no);
  const auto session = executor::connect(todo.url, todo.settings.application);
  const plan::Target here = executor::located(*session);
  const auto journal = executor::identity(*session);
  const std::string wrong = fleet::wrong_target(*session, todo.known);
  const fleet::Pins pins = todo.name().empty() ? fleet::Pins{} : fleet::read_pins(todo.known.lock_path);
  const auto pin = pins.find(todo.name());
  if (options.format == "json") {
    console.out(json_text({{"format", "lockstep-identity/1"},
                           {"environment", todo.name().empty() ? ordered_json(nullptr) : ordered_json(todo.name())},
                           {"here", json({"", here.system_identifier, here.database, here.database_oid})},
                           {"journal", journal ? json(*journal) : ordered_json(nullptr)},
                           {"pinned", pin == pins.end() ? ordered_json(nullptr) : json(pin->second.identity)},
                           {"problem", wrong.empty() ? ordered_json(nullptr) : ordered_json(wrong)}}));
    return ExitCode::done;
  }
  console.out(fmt::format("here     database \"{}\", oid {}, cluster {}\n", here.database, here.database_oid,
                          here.system_identifier.empty() ? "unknown" : here.system_identifier));
  console.out("journal  " + (journal ? text(*journal) : "none: never applied") + "\n");
  if (!todo.name().empty()) console.out("pinned   " + (pin == pins.end() ? "no" : text(pin->second.identity)) + "\n");
  console.out("verdict  " + (wrong.empty() ? "fits" : "wrong: " + wrong) + "\n");
  return ExitCode::done;
}

ExitCode set(const Options& options, const Console& console) {
  const Work todo = work(options, console, Need::yes, Need::no);
  if (todo.name().empty()) throw support::UsageError("identity set pins an environment of lockstep.yaml: give --env NAME");
  fleet::require_pinnable(todo.known);
  const auto session = executor::connect(todo.url, todo.settings.application);
  const auto lock = executor::RunLock::acquire(*session);
  fleet::require_known_target(*session, todo.known);
  const Identity identity = executor::establish_identity(*session, todo.settings.by);
  const auto applied = executor::applied_state(*session);
  fleet::pin(*session, todo.known, applied ? applied->fingerprint : "");
  console.out(fmt::format("{} is pinned to {}\n", todo.name(), text(identity)));
  return ExitCode::done;
}

ExitCode rebind(const Options& options, const Console& console) {
  const Work todo = work(options, console, Need::yes, Need::no);
  fleet::require_pinnable(todo.known);
  const auto session = executor::connect(todo.url, todo.settings.application);
  const auto lock = executor::RunLock::acquire(*session);
  if (!executor::identity(*session))
    throw support::UsageError("this database has no journal, so there is nothing to rebind: `lockstep identity set` pins it");
  const Identity identity = executor::rebind_identity(*session, todo.settings.by, options.reason);
  const auto applied = executor::applied_state(*session);
  fleet::pin(*session, todo.known, applied ? applied->fingerprint : "");
  console.out(fmt::format("{} is now {}\n", todo.name().empty() ? "this database" : todo.name(), text(identity)));
  return ExitCode::done;
}

// Removes the environment's pin even if its database can't be reached any more.
ExitCode forget(const Options& options, const Console& console) {
  Work todo = work(options, console, options.url.empty() ? Need::no : Need::yes, Need::no);
  if (options.url.empty()) {
    if (options.env.empty()) throw support::UsageError("forget what? Give --env NAME or --url URL");
    take_settings(todo, options.env);
    fleet::Pins pins = fleet::read_pins(todo.known.lock_path);
    const bool was = pins.erase(options.env) > 0;
    if (was) fleet::write_pins(todo.known.lock_path, pins);
    console.out(fmt::format("{} {}\n", options.env, was ? "is not pinned any more" : "was not pinned"));
    support::Diagnostics diagnostics;
    todo.url = fleet::expand(todo.environment->url, console.environment, diagnostics);
    if (diagnostics.has_errors()) {
      console.err("its URL is not set here, so its journal was not looked at\n");
      return ExitCode::done;
    }
  }
  std::unique_ptr<postgres::Session> session;
  try {
    session = executor::connect(todo.url, todo.settings.application);
  } catch (const support::DatabaseError& error) {
    if (!options.url.empty()) throw;
    console.err(fmt::format("its journal was not looked at: {}\n", error.facts().message));
    return ExitCode::done;
  } catch (const support::RefusedError& error) {  // the URL leads through a pooler
    if (!options.url.empty()) throw;
    console.err(fmt::format("its journal was not looked at: {}\n", error.what()));
    return ExitCode::done;
  }
  const auto lock = executor::RunLock::acquire(*session);
  const auto journal = executor::identity(*session);
  if (!journal || executor::same_place(*journal, executor::located(*session))) {
    console.out(journal ? "the journal was made in this database and stays\n" : "there is no journal in this database\n");
    return ExitCode::done;
  }
  const std::string question = fmt::format("Remove the journal in database \"{}\"? It was copied from {}.",
                                           executor::located(*session).database, text(*journal));
  if (!options.yes && !console.person)
    throw support::RefusedError(question + " Nobody is at the terminal to answer; give --yes. The journal is as it was");
  if (!options.yes && !console.ask(question)) throw support::RefusedError("the journal is as it was");
  executor::forget_journal(*session);
  console.out("the copied journal is removed: this database was never applied\n");
  return ExitCode::done;
}

ExitCode run(const Options& options, const Console& console) {
  if (options.action == "show") return show(options, console);
  if (options.action == "set") return set(options, console);
  if (options.action == "rebind") return rebind(options, console);
  return forget(options, console);
}

}  // namespace

constinit const Command kIdentity{"identity", "which database an environment is: show, set, rebind, forget", flags, run};

}  // namespace lockstep::cli
