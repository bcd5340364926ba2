// Completions for shells, made from the table of commands.
#include <fmt/format.h>

#include "cli/command_line.h"
#include "cli/commands.h"

namespace lockstep::cli {
namespace command_completion {
namespace {

std::string joined(const std::vector<std::string>& words) {
  return fmt::format("{}", fmt::join(words, " "));
}

bool is_path(const std::string& value) {
  return value == "FILE" || value == "DIR" || value == "PATH";
}

std::vector<std::string> words_after(const CommandSyntax& command, const std::vector<CommandSyntax>& all) {
  std::vector<std::string> words;
  for (const auto& other : all) {
    if (other.words.size() == command.words.size() + 1 &&
        std::equal(command.words.begin(), command.words.end(), other.words.begin()))
      words.push_back(other.words.back());
  }
  return words;
}

// The command's own options, its parent's and those of every command.
std::vector<Syntax> options_of(const CommandSyntax& command, const std::vector<CommandSyntax>& all) {
  std::vector<Syntax> options;
  for (const auto& other : all) {
    if (other.words.size() <= command.words.size() && std::equal(other.words.begin(), other.words.end(), command.words.begin())) {
      for (const Syntax& option : other.options) {
        const bool known =
            std::any_of(options.begin(), options.end(), [&](const Syntax& one) { return one.names == option.names; });
        if (!known) options.push_back(option);
      }
    }
  }
  return options;
}

std::string bash() {
  const auto all = command_syntax();
  std::string cases, values;
  for (const auto& command : all) {
    std::vector<std::string> words = words_after(command, all);
    for (const Syntax& option : options_of(command, all)) words.insert(words.end(), option.names.begin(), option.names.end());
    cases += fmt::format("    '{}') words='{}'{} ;;\n", joined(command.words), joined(words),
                         command.operands.empty() ? "" : " files=yes");
    for (const Syntax& option : command.options) {
      if (option.value.empty()) continue;
      for (const auto& name : option.names) {
        const std::string reply = option.choices.empty() ? std::string(is_path(option.value) ? "_filedir" : ":")
                                                         : fmt::format("words='{}'", joined(option.choices));
        values += fmt::format("    '{} {}') {} ;;\n", joined(command.words), name, reply == "_filedir" ? "files=yes" : reply);
      }
    }
  }
  std::string names;
  for (const auto& command : all) {
    if (!command.words.empty()) names += (names.empty() ? "'" : " | '") + joined(command.words) + "'";
  }
  return fmt::format(R"(# bash completion for lockstep: source it, or put it where bash-completion looks.
_lockstep() {{
  local current=${{COMP_WORDS[COMP_CWORD]}} command='' word words='' files='' at
  for ((at = 1; at < COMP_CWORD; at++)); do
    word="$command${{command:+ }}${{COMP_WORDS[at]}}"
    case $word in
      {}) command=$word ;;
    esac
  done
  local before=${{COMP_WORDS[COMP_CWORD-1]}} of
  COMPREPLY=()
  # The option's value: of this command, of the one above it, of every command.
  for of in "$command" "${{command%% *}}" ''; do
    case "$of $before" in
{}    *) continue ;;
    esac
    if [ -n "$files" ]; then COMPREPLY=($(compgen -f -- "$current")); compopt -o filenames 2>/dev/null; return; fi
    COMPREPLY=($(compgen -W "$words" -- "$current"))
    return
  done
  case $command in
{}  esac
  if [ -n "$files" ] && [[ $current != -* ]]; then COMPREPLY=($(compgen -f -- "$current")); compopt -o filenames 2>/dev/null; fi
  COMPREPLY+=($(compgen -W "$words" -- "$current"))
}}
complete -F _lockstep lockstep
)",
                     names, values, cases);
}

// Quotes for '…' in zsh and fish.
std::string quoted(std::string_view text, std::string_view escaped) {
  std::string result;
  for (const char c : text) {
    if (c == '\'') {
      result += R"('\'')";
    } else {
      if (escaped.find(c) != std::string_view::npos) result += '\\';
      result += c;
    }
  }
  return result;
}

std::string zsh_value(const Syntax& syntax) {
  if (syntax.value.empty()) return "";
  const std::string action = !syntax.choices.empty() ? "(" + joined(syntax.choices) + ")"
                             : is_path(syntax.value) ? "_files"
                                                     : " ";
  return fmt::format(":{}:{}", quoted(syntax.value, ":"), action);
}

std::string zsh() {
  const auto all = command_syntax();
  std::string functions;
  for (const auto& command : all) {
    const std::string name = fmt::format("_lockstep{}{}", command.words.empty() ? "" : "_", fmt::join(command.words, "_"));
    std::string arguments;
    for (const Syntax& option : options_of(command, all)) {
      for (const auto& one : option.names)
        arguments +=
            fmt::format("    '{}{}[{}]{}' \\\n", option.repeats ? "*" : "", one, quoted(option.help, "[]:"), zsh_value(option));
    }
    std::string below, choice;
    for (const auto& other : all) {
      if (other.words.size() != command.words.size() + 1 ||
          !std::equal(command.words.begin(), command.words.end(), other.words.begin()))
        continue;
      choice += fmt::format("      '{}:{}'\n", other.words.back(), quoted(other.help, ":"));
      below += fmt::format("      {}) {}_{} ;;\n", other.words.back(), name, other.words.back());
    }
    if (below.empty()) {
      for (const Syntax& operand : command.operands)
        arguments += fmt::format("    '{}:{}:_files' \\\n", operand.repeats ? "*" : "", quoted(operand.value, ":"));
      functions += fmt::format("{}() {{\n  _arguments \\\n{}    && return\n}}\n", name, arguments);
      continue;
    }
    functions += fmt::format(
        "{}() {{\n  local state line\n  local -a commands\n  _arguments -C \\\n{}    '1:command:->command' "
        "'*::argument:->argument' && "
        "return\n"
        "  case $state in\n    command)\n      commands=(\n{}      )\n      _describe command commands ;;\n"
        "    argument) case $line[1] in\n{}    esac ;;\n  esac\n}}\n",
        name, arguments, choice, below);
  }
  return "#compdef lockstep\n# zsh completion for lockstep: a file _lockstep in a folder of $fpath.\n" + functions +
         "if [ \"$funcstack[1]\" = _lockstep ]; then _lockstep \"$@\"; else compdef _lockstep lockstep; fi\n";
}

std::string fish() {
  const auto all = command_syntax();
  std::string text = "# fish completion for lockstep: a file lockstep.fish in a folder of $fish_complete_path.\n";
  for (const auto& command : all) {
    std::string seen;
    for (const auto& word : command.words) seen += fmt::format("; and __fish_seen_subcommand_from {}", word);
    const auto below = words_after(command, all);
    const std::string when = seen.empty() ? "" : fmt::format(" -n '{}'", seen.substr(6));
    const std::string none = below.empty() ? ""
                                           : fmt::format("{}not __fish_seen_subcommand_from {}",
                                                         seen.empty() ? "" : seen.substr(6) + "; and ", joined(below));
    for (const auto& other : all) {
      if (other.words.size() == command.words.size() + 1 &&
          std::equal(command.words.begin(), command.words.end(), other.words.begin()))
        text += fmt::format("complete -c lockstep -f -n '{}' -a {} -d '{}'\n", none, other.words.back(), quoted(other.help, ""));
    }
    for (const Syntax& option : command.options) {
      text += "complete -c lockstep" + when;
      for (const auto& name : option.names) text += name.starts_with("--") ? " -l " + name.substr(2) : " -s " + name.substr(1);
      if (!option.value.empty()) text += is_path(option.value) ? " -r" : " -x";
      if (!option.choices.empty()) text += fmt::format(" -a '{}'", joined(option.choices));
      text += fmt::format(" -d '{}'\n", quoted(option.help, ""));
    }
  }
  return text;
}

struct Options {
  std::string shell;
};

void flags(Flags app, Options& options) {
  app.option("SHELL", options.shell, "bash, zsh or fish").choices({"bash", "zsh", "fish"}).required();
}

support::ExitCode run(const Options& options, const ConfigOptions&, const Console& console) {
  console.out(options.shell == "bash" ? bash() : options.shell == "zsh" ? zsh() : fish());
  return support::ExitCode::done;
}

}  // namespace
}  // namespace command_completion

constinit const Command kCompletion = command<command_completion::flags, command_completion::run>(
    "completion", "print what a shell needs to complete Lockstep's command line");

}  // namespace lockstep::cli
