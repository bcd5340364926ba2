// Shows and changes which database an environment is: after a clone, a restore or a move to a new server.
#include <fmt/format.h>

#include "cli/commands.h"
#include "cli/identity_document.h"
#include "cli/target.h"
#include "executor/executor.h"
#include "executor/sound_journal.h"
#include "fleet/known_target.h"
#include "support/error.h"

namespace lockstep::cli {
namespace command_identity {
namespace {

using executor::Identity;
using support::ExitCode;

struct ShowOptions {
  TargetOptions target;
  std::string format;
};

void show_flags(Flags app, ShowOptions& options) {
  target_flags(app, options.target);
  format_flag<IdentityDocument>(app, options.format, kIdentityFormats);
}

struct RebindOptions {
  TargetOptions target;
  std::string reason;
};

void rebind_flags(Flags app, RebindOptions& options) {
  target_flags(app, options.target);
  app.option("--reason", options.reason, "why; journalled").required().type("TEXT");
}

struct ForgetOptions {
  TargetOptions target;
  bool yes = false;
};

void forget_flags(Flags app, ForgetOptions& options) {
  target_flags(app, options.target);
  yes_flag(app, options.yes, "don't ask before a copied journal is removed");
}

ExitCode show_pins(const ShowOptions& options, const ConfigOptions& config, const Console& console) {
  const auto file = configuration(config, console);
  const fleet::Pins pins = file ? fleet::read_pins(file->lock_path()) : fleet::Pins{};
  print(renderer_of<fleet::Pins>(kPinsFormats, options.format), pins, console);
  return ExitCode::done;
}

ExitCode show(const ShowOptions& options, const ConfigOptions& config, const Console& console) {
  if (options.target.url.empty() && options.target.env.empty()) return show_pins(options, config, console);
  const Work todo = work({.config = config, .target = &options.target}, console);
  const auto session = executor::connect(todo.url, todo.settings.application);
  IdentityDocument document;
  document.environment = todo.name();
  document.here = executor::located(*session);
  document.journal = executor::identity(*session);
  document.problem = fleet::wrong_target(*session, todo.known);
  const fleet::Pins pins = todo.name().empty() ? fleet::Pins{} : fleet::read_pins(todo.known.lock_path);
  if (const auto pin = pins.find(todo.name()); pin != pins.end()) document.pinned = pin->second.identity;
  print(renderer_of<IdentityDocument>(kIdentityFormats, options.format), document, console);
  return ExitCode::done;
}

ExitCode set(const TargetOptions& options, const ConfigOptions& config, const Console& console) {
  const Work todo = work({.config = config, .target = &options}, console);
  if (todo.name().empty()) throw support::UsageError("identity set pins an environment of lockstep.yaml: give --env NAME");
  fleet::require_pinnable(todo.known);
  const auto session = executor::connect(todo.url, todo.settings.application);
  const auto lock = executor::RunLock::acquire(*session);
  fleet::require_known_target(*session, todo.known);
  const Identity identity = executor::establish_identity(*session, todo.settings.by);
  const auto applied = executor::applied_state(*session);
  fleet::pin(*session, todo.known, applied ? applied->fingerprint : "");
  console.out(fmt::format("{} is pinned to {}\n", todo.name(), identity_text(identity)));
  return ExitCode::done;
}

ExitCode rebind(const RebindOptions& options, const ConfigOptions& config, const Console& console) {
  const Work todo = work({.config = config, .target = &options.target}, console);
  fleet::require_pinnable(todo.known);
  const auto session = executor::connect(todo.url, todo.settings.application);
  const auto lock = executor::RunLock::acquire(*session);
  if (!executor::identity(*session))
    throw support::UsageError("this database has no journal, so there is nothing to rebind: `lockstep identity set` pins it");
  const Identity identity = executor::rebind_identity(*session, todo.settings.by, options.reason);
  const auto applied = executor::applied_state(*session);
  fleet::pin(*session, todo.known, applied ? applied->fingerprint : "");
  console.out(fmt::format("{} is now {}\n", todo.name().empty() ? "this database" : todo.name(), identity_text(identity)));
  return ExitCode::done;
}

// Removes the environment's pin even if its database can't be reached any more.
ExitCode forget(const ForgetOptions& options, const ConfigOptions& config, const Console& console) {
  const auto& [url, env] = options.target;
  Work todo = work({.config = config, .target = url.empty() ? nullptr : &options.target}, console);
  if (url.empty()) {
    if (env.empty()) throw support::UsageError("forget what? Give --env NAME or --url URL");
    take_settings(todo, env);
    fleet::Pins pins = fleet::read_pins(todo.known.lock_path);
    const bool was = pins.erase(env) > 0;
    if (was) fleet::write_pins(todo.known.lock_path, pins);
    console.out(fmt::format("{} {}\n", env, was ? "is not pinned any more" : "was not pinned"));
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
    if (!url.empty()) throw;
    console.err(fmt::format("its journal was not looked at: {}\n", error.facts().message));
    return ExitCode::done;
  } catch (const support::RefusedError& error) {  // the URL leads through a pooler
    if (!url.empty()) throw;
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
                                           executor::located(*session).database, identity_text(*journal));
  if (!options.yes && !console.person)
    throw support::RefusedError(question + " Nobody is at the terminal to answer; give --yes. The journal is as it was");
  if (!options.yes && !console.ask(question)) throw support::RefusedError("the journal is as it was");
  executor::forget_journal(*session);
  console.out("the copied journal is removed: this database was never applied\n");
  return ExitCode::done;
}

constexpr Command kActions[] = {
    command<show_flags, show>("show", "who a database is, in its journal and in lockstep.lock (default: all pins)"),
    command<target_flags, set>("set",
                               "pin an environment to the database its URL leads to (makes the journal where there is none)"),
    command<rebind_flags, rebind>("rebind", "after a clone or a restore: this is a database of its own, with this history"),
    command<forget_flags, forget>("forget", "unpin an environment; remove a journal that was copied from another database"),
};

std::unique_ptr<Invocation> declare(Flags app) {
  return declare_actions(app, kActions);
}

}  // namespace
}  // namespace command_identity

constinit const Command kIdentity{"identity", "which database an environment is: show, set, rebind, forget",
                                  command_identity::declare};

}  // namespace lockstep::cli
