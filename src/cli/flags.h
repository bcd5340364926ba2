// Declares a command's flags. A thin wrapper of CLI11, so that its large header is compiled in one file instead of twenty.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace lockstep::cli {

// One option, flag or operand. A handle: copies refer to the same option.
class Option {
 public:
  explicit Option(CLI::Option* option) : option_(option) {}

  const Option& type(const char* name) const;                           // "FILE": the name of its value in the help
  const Option& choices(const std::vector<std::string>& values) const;  // no other value is accepted
  const Option& range(std::int64_t least, std::int64_t most) const;
  const Option& required() const;
  const Option& several() const;                    // one or more values follow it
  const Option& list(bool one_word = false) const;  // values separated by commas; `one_word`: never in a second argument
  const Option& shows_default() const;
  const Option& excludes(const Option& other) const;
  const Option& needs(const Option& other) const;

 private:
  CLI::Option* option_;
};

// The options of one command or action. Also a handle.
class Flags {
 public:
  explicit Flags(CLI::App& app) : app_(&app) {}

  Option flag(const char* names, bool& value, const char* help) const;
  Option option(const char* names, std::string& value, const std::string& help) const;
  Option option(const char* names, std::optional<std::string>& value, const std::string& help) const;  // given empty: not nullopt
  Option option(const char* names, std::vector<std::string>& value, const std::string& help) const;
  Option option(const char* names, std::int64_t& value, const std::string& help) const;
  // Adds a subcommand. One of them has to be chosen.
  Flags action(const std::string& name, const std::string& help) const;
  bool chosen() const;  // REQUIRES: the command line was parsed

 private:
  CLI::App* app_;
};

}  // namespace lockstep::cli
