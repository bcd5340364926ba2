#include "cli/command_line.h"

#include <CLI/CLI.hpp>
#include <sstream>

#ifndef LOCKSTEP_VERSION
#define LOCKSTEP_VERSION "unknown"
#endif

namespace lockstep::cli {
namespace {

void common_flags(CLI::App& app, CommonOptions& options) {
  app.add_option("--config", options.config.path, "configuration file")->type_name("FILE")->capture_default_str();
  app.add_flag("-v,--verbose", options.verbose, "more on stderr, whole SQL in plans");
  app.add_flag("-q,--quiet", options.quiet, "results, warnings and errors only");
  app.add_option("--log-format", options.log_format, "text or json")
      ->check(CLI::IsMember({"text", "json"}))
      ->type_name("FORMAT")
      ->capture_default_str();
  app.add_flag("--no-color", options.no_color, "no colours (as with NO_COLOR set, or without a terminal)");
}

// CLI11 provides the choices of IsMember only as text after the type's name: "FORMAT:{text,json}".
std::vector<std::string> choices_of(const std::string& type) {
  std::vector<std::string> choices;
  const auto open = type.find('{'), close = type.find('}');
  if (open == std::string::npos || close == std::string::npos) return choices;
  std::istringstream list(type.substr(open + 1, close - open - 1));
  for (std::string one; std::getline(list, one, ',');) choices.push_back(one);
  return choices;
}

Syntax syntax_of(const CLI::Option& option) {
  Syntax syntax{.help = option.get_description(), .repeats = option.get_expected_max() > 1, .required = option.get_required()};
  for (const auto& name : option.get_snames()) syntax.names.push_back("-" + name);
  for (const auto& name : option.get_lnames()) syntax.names.push_back("--" + name);
  if (option.get_expected_min() == 0 && option.nonpositional()) return syntax;  // a flag
  const std::string type = option.get_type_name();
  syntax.choices = choices_of(type);
  syntax.value = option.nonpositional() ? type.substr(0, type.find(':')) : option.get_name(true);
  return syntax;
}

void collect(const CLI::App& app, std::vector<std::string> words, std::vector<CommandSyntax>& all) {
  CommandSyntax command{.words = words, .help = app.get_description()};
  for (const CLI::Option* option : app.get_options()) {
    const bool operand = option->get_positional() && !option->nonpositional();
    (operand ? command.operands : command.options).push_back(syntax_of(*option));
  }
  all.push_back(std::move(command));
  for (const CLI::App* below : app.get_subcommands([](const CLI::App*) { return true; })) {
    words.push_back(below->get_name());
    collect(*below, words, all);
    words.pop_back();
  }
}

}  // namespace

std::vector<DeclaredCommand> add_commands(CLI::App& app, CommonOptions& common) {
  app.require_subcommand(1);
  app.set_version_flag("--version", "lockstep " LOCKSTEP_VERSION, "print the version and exit");
  common_flags(app, common);
  std::vector<DeclaredCommand> declared;
  for (const Command& command : commands()) {
    CLI::App* sub = app.add_subcommand(std::string(command.name), std::string(command.help));
    sub->fallthrough();
    declared.push_back({std::string(command.name), command.declare(Flags(*sub))});
  }
  return declared;
}

std::vector<CommandSyntax> command_syntax() {
  CommonOptions unused;
  CLI::App app("Lockstep brings PostgreSQL databases to the schema you declare, step by step.", "lockstep");
  const auto declared = add_commands(app, unused);  // what the options of `app` refer to
  std::vector<CommandSyntax> all;
  collect(app, {}, all);
  return all;
}

}  // namespace lockstep::cli
