// Prints the manual page, made from the table of commands.
#include <fmt/format.h>

#include "cli/command_line.h"
#include "cli/commands.h"
#include "support/error.h"

namespace lockstep::cli {
namespace command_manual {
namespace {

constexpr std::pair<support::ExitCode, std::string_view> kExitStatus[] = {
    {support::ExitCode::done, "done, or nothing to do"},
    {support::ExitCode::failed, "failed; nothing was changed, or what was changed was rolled back"},
    {support::ExitCode::changes, "changes are pending, drift, or a difference"},
    {support::ExitCode::refused,
     "refused: a hazard without consent, something protected, nobody to say yes, or a connection pooler"},
    {support::ExitCode::stale, "refused: the plan is stale or made for another database"},
    {support::ExitCode::locked, "another run holds the lock"},
    {support::ExitCode::gate, "stopped at a gate, as planned"},
    {support::ExitCode::partial, "stopped part way; every step done is journalled, and the same command goes on"},
    {support::ExitCode::mismatch, "tampering or mismatch: a plan file, journal, recorded state or backup is not what it was"},
    {support::ExitCode::usage, "the command line, lockstep.yaml or a schema file is wrong; nothing was touched"},
    {support::ExitCode::interrupted, "interrupted by Ctrl\\-C"},
    {support::ExitCode::terminated, "interrupted by SIGTERM"},
};

// Escapes text for roff: dashes that can be copied, and no request at the start of a line.
std::string roff(std::string_view text) {
  std::string result;
  for (const char c : text) {
    if (c == '-') {
      result += "\\-";
    } else if (c == '\\') {
      result += "\\e";
    } else {
      result += c;
    }
  }
  return result.starts_with('.') || result.starts_with('\'') ? "\\&" + result : result;
}

std::string paragraph(const Syntax& option) {
  std::string names;
  for (const auto& name : option.names) names += (names.empty() ? "" : ", ") + ("\\fB" + roff(name) + "\\fR");
  if (!option.value.empty()) names += (names.empty() ? "\\fI" : " \\fI") + roff(option.value) + "\\fR";
  std::string help = roff(option.help);
  if (!option.choices.empty() && option.help.find(option.choices.front()) == std::string::npos)
    help += fmt::format(" (one of {})", roff(fmt::format("{}", fmt::join(option.choices, ", "))));
  return ".TP\n" + names + "\n" + help + "\n";
}

std::string synopsis(const CommandSyntax& command) {
  std::string text = "\\fBlockstep";
  for (const auto& word : command.words) text += " " + roff(word);
  text += "\\fR";
  if (!command.options.empty()) text += " [\\fIOPTION\\fR ...]";
  for (const auto& operand : command.operands) {
    const std::string value = "\\fI" + roff(operand.value) + "\\fR" + (operand.repeats ? " ..." : "");
    text += operand.required ? " " + value : " [" + value + "]";
  }
  return text;
}

struct Options {};

void flags(Flags, Options&) {}

support::ExitCode run(const Options&, const ConfigOptions&, const Console& console) {
  const auto all = command_syntax();
  std::string text =
      ".TH LOCKSTEP 1 \"$Mdocdate$\" \"lockstep " LOCKSTEP_VERSION
      "\"\n.SH NAME\nlockstep \\- brings PostgreSQL databases to the schema you declare, step by step\n"
      ".SH SYNOPSIS\n\\fBlockstep\\fR \\fICOMMAND\\fR [\\fIOPTION\\fR ...]\n"
      ".SH DESCRIPTION\nA schema file says what a database shall be. Lockstep compares it with the live database, plans the "
      "steps between\nthem with their locks, saves what a step loses, runs and journals each step, and verifies the result.\n"
      "A run that was interrupted goes on where it stopped.\n"
      ".SH OPTIONS OF EVERY COMMAND\n";
  for (const Syntax& option : all.front().options) text += paragraph(option);
  text += ".SH COMMANDS\n";
  for (const auto& command : all) {
    if (command.words.empty()) continue;
    text += ".SS " + synopsis(command) + "\n" + roff(command.help) + ".\n";
    for (const Syntax& operand : command.operands) text += paragraph(operand);
    for (const Syntax& option : command.options) {
      if (option.names != std::vector<std::string>{"-h", "--help"}) text += paragraph(option);
    }
  }
  text += ".SH EXIT STATUS\n";
  for (const auto& [code, meaning] : kExitStatus) text += fmt::format(".TP\n\\fB{}\\fR\n{}\n", static_cast<int>(code), meaning);
  text +=
      ".SH FILES\n.TP\n\\fIlockstep.yaml\\fR\nThe configuration: schema files and environments.\n"
      ".TP\n\\fIlockstep.lock\\fR\nWhich database each environment is.\n";
  console.out(text);
  return support::ExitCode::done;
}

}  // namespace
}  // namespace command_manual

constinit const Command kManual =
    command<command_manual::flags, command_manual::run>("manual", "print the manual page, for man(1)");

}  // namespace lockstep::cli
