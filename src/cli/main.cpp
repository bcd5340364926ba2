// Parses the command line by the table, runs one command, turns whatever ended it into a message and an exit code.
#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <csignal>

#include "cli/commands.h"
#include "cli/report.h"
#include "postgres/pooler.h"
#include "support/error.h"
#include "support/interrupt.h"

#ifndef LOCKSTEP_VERSION
#define LOCKSTEP_VERSION "unknown"
#endif

namespace lockstep::cli {
namespace {

using support::ExitCode;

void common_flags(CLI::App& app, Options& options) {
  app.add_option("--config", options.config, "configuration file")->type_name("FILE")->capture_default_str();
  app.add_flag("-v,--verbose", options.verbose, "more on stderr, whole SQL in plans");
  app.add_flag("-q,--quiet", options.quiet, "results, warnings and errors only");
  app.add_option("--log-format", options.log_format, "text or json")
      ->check(CLI::IsMember({"text", "json"}))
      ->type_name("FORMAT")
      ->capture_default_str();
  app.add_flag("--no-color", options.no_color, "no colours (as with NO_COLOR set, or without a terminal)");
}

std::string database_message(const support::DatabaseError& error) {
  const auto& facts = error.facts();
  std::string text = facts.message;
  if (!facts.sqlstate.empty()) text += fmt::format(" (SQLSTATE {})", facts.sqlstate);
  if (!facts.detail.empty()) text += "\n  detail: " + facts.detail;
  if (!facts.hint.empty()) text += "\n  hint: " + facts.hint;
  if (!facts.context.empty()) text += "\n  context: " + facts.context;
  if (!facts.statement.empty()) text += "\n  statement: " + facts.statement.substr(0, 2000);
  return text;
}

int end(const Console& console, ExitCode code, const std::string& message) {
  if (!message.empty()) console.err(paint(console.colour_err, Style::red, "lockstep: ") + message + "\n");
  return static_cast<int>(code);
}

int run(const Command& command, const Options& options, const Console& console) {
  try {
    return static_cast<int>(command.run(options, console));
  } catch (const support::CommandError& error) {
    return end(console, error.code(), error.what());
  } catch (const support::DatabaseError& error) {
    return end(console, ExitCode::failed, database_message(error));
  } catch (const std::exception& error) {
    return end(console, ExitCode::failed, std::string("internal error: ") + error.what());
  }
}

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);  // a reader that left is an error of the write, not of the run
  postgres::forget_client_settings();
  support::install_interrupt_handlers();
  support::at_interrupt("No step of a plan was run.");
  Options options;
  CLI::App app("Lockstep brings PostgreSQL databases to the schema you declare, step by step.", "lockstep");
  app.set_version_flag("--version", "lockstep " LOCKSTEP_VERSION);
  app.require_subcommand(1);
  app.failure_message(CLI::FailureMessage::simple);
  common_flags(app, options);
  for (const Command& command : commands()) {
    CLI::App* sub = app.add_subcommand(std::string(command.name), std::string(command.help));
    sub->fallthrough();
    command.flags(*sub, options);
  }
  Console console = process_console();
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : static_cast<int>(ExitCode::usage);
  }
  options.config_given = app.count("--config") > 0;
  console.verbose = options.verbose;
  console.quiet = options.quiet;
  if (options.no_color) console.colour_out = console.colour_err = false;
  start_log(options);
  const std::string chosen = app.get_subcommands().front()->get_name();
  for (const Command& command : commands())
    if (command.name == chosen) return run(command, options, console);
  return end(console, ExitCode::failed, "internal error: no such command");
}

}  // namespace
}  // namespace lockstep::cli

int main(int argc, char** argv) {
  return lockstep::cli::main(argc, argv);
}
