// Parses the command line by the table, runs one command, and turns whatever ended it into a message and an exit code.
#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <csignal>

#include "cli/arguments.h"
#include "cli/command_line.h"
#include "cli/commands.h"
#include "cli/report.h"
#include "postgres/scratch.h"
#include "session/pooler.h"
#include "support/diagnostic.h"
#include "support/error.h"
#include "support/interrupt.h"

namespace lockstep::cli {
namespace {

using support::ExitCode;

constexpr std::string_view kNoPrivilege = "42501";

std::string database_message(const support::DatabaseError& error) {
  const auto& facts = error.facts();
  std::string text = facts.message;
  if (!facts.sqlstate.empty()) text += fmt::format(" (SQLSTATE {})", facts.sqlstate);
  if (!facts.detail.empty()) text += "\n  detail: " + facts.detail;
  if (!facts.hint.empty()) text += "\n  hint: " + facts.hint;
  if (facts.sqlstate == kNoPrivilege && facts.statement.find("lockstep.") != std::string::npos)
    text +=
        "\n  hint: this is Lockstep's journal. Commands that only read (plan, verify, status, history) need, from the role that "
        "owns "
        "it:\n    GRANT USAGE ON SCHEMA lockstep TO <role>; GRANT SELECT ON ALL TABLES IN SCHEMA lockstep TO <role>;\n"
        "  apply and resume run as a role that owns it: GRANT <its owner> TO <role>";
  if (!facts.context.empty()) text += "\n  context: " + facts.context;
  if (!facts.statement.empty()) text += "\n  statement: " + facts.statement.substr(0, 2000);
  return text;
}

int end(const Console& console, ExitCode code, const std::string& message) {
  if (!message.empty()) show_failure(message, static_cast<int>(code), console);
  return static_cast<int>(code);
}

int run(const Invocation& command, const ConfigOptions& config, const Console& console) {
  try {
    return static_cast<int>(command.run(config, console));
  } catch (const support::CommandError& error) {
    return end(console, error.code(), error.what());
  } catch (const support::DatabaseError& error) {
    return end(console, ExitCode::failed, database_message(error));
  } catch (const std::exception& error) {
    return end(console, ExitCode::failed, std::string("internal error: ") + error.what());
  }
}

// For errors before the parser has run.
bool wants_json_log(const std::vector<std::string>& arguments) {
  const auto flag = std::find(arguments.begin(), arguments.end(), "--log-format");
  return std::find(arguments.begin(), arguments.end(), "--log-format=json") != arguments.end() ||
         (flag != arguments.end() && std::next(flag) != arguments.end() && *std::next(flag) == "json");
}

// A word in the place of a command, if there is one.
std::string unknown_command(const std::vector<std::string>& words) {
  const auto word = std::find_if(words.begin(), words.end(), [](const std::string& one) { return !one.starts_with("-"); });
  std::vector<std::string> names;
  for (const Command& command : commands()) names.emplace_back(command.name);
  std::string text =
      word == words.end()
          ? (words.empty() ? "which command?" : fmt::format("{} precedes the command, and is no flag there", words.front()))
          : fmt::format("\"{}\" is no command", *word);
  const std::string near = word == words.end() ? "" : support::nearest(*word, names);
  if (!near.empty()) text += fmt::format("; did you mean \"{}\"?", near);
  return fmt::format("{}\nThe commands are {}. `lockstep --help` says what each does, `lockstep COMMAND --help` how", text,
                     fmt::join(names, ", "));
}

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);  // a closed pipe is then a write error instead of a signal
  postgres::forget_client_settings();
  support::install_interrupt_handlers();
  support::at_interrupt("No step of a plan was run.");
  std::vector<std::string> arguments = take_arguments(argc, argv);
  std::vector<char*> pointers;
  for (std::string& argument : arguments) pointers.push_back(argument.data());
  CommonOptions options;
  CLI::App app("Lockstep brings PostgreSQL databases to the schema you declare, step by step.", "lockstep");
  app.failure_message(CLI::FailureMessage::simple);
  const std::vector<DeclaredCommand> declared = add_commands(app, options);
  Console console = process_console();
  try {
    app.parse(static_cast<int>(pointers.size()), pointers.data());
  } catch (const CLI::ParseError& error) {
    console.json_log = wants_json_log(arguments);
    if (error.get_exit_code() != 0 && app.get_subcommands().empty())
      if (const std::string unknown = unknown_command(app.remaining()); !unknown.empty())
        return end(console, ExitCode::usage, unknown);
    if (error.get_exit_code() != 0 && console.json_log) return end(console, ExitCode::usage, error.what());
    return app.exit(error) == 0 ? 0 : static_cast<int>(ExitCode::usage);
  }
  options.config.given = app.count("--config") > 0;
  console.verbose = options.verbose;
  console.json_log = options.log_format == "json";
  console.quiet = options.quiet;
  if (options.no_color) console.colour_out = console.colour_err = false;
  start_log(options);
  const std::string chosen = app.get_subcommands().front()->get_name();
  for (const DeclaredCommand& command : declared)
    if (command.name == chosen) {
      const int code = run(*command.invocation, options.config, console);
      postgres::wait_for_drops();
      return code;
    }
  return end(console, ExitCode::failed, "internal error: no such command");
}

}  // namespace
}  // namespace lockstep::cli

int main(int argc, char** argv) {
  return lockstep::cli::main(argc, argv);
}
