#include "cli/flags.h"

#include <CLI/CLI.hpp>

namespace lockstep::cli {

const Option& Option::type(const char* name) const {
  option_->type_name(name);
  return *this;
}

const Option& Option::choices(const std::vector<std::string>& values) const {
  option_->check(CLI::IsMember(values));
  return *this;
}

const Option& Option::range(std::int64_t least, std::int64_t most) const {
  option_->check(CLI::Range(least, most));
  return *this;
}

const Option& Option::required() const {
  option_->required();
  return *this;
}

const Option& Option::several() const {
  option_->expected(1, -1);
  return *this;
}

const Option& Option::list(bool one_word) const {
  option_->delimiter(',');
  if (one_word) option_->allow_extra_args(false);
  return *this;
}

const Option& Option::shows_default() const {
  option_->capture_default_str();
  return *this;
}

const Option& Option::excludes(const Option& other) const {
  option_->excludes(other.option_);
  return *this;
}

const Option& Option::needs(const Option& other) const {
  option_->needs(other.option_);
  return *this;
}

Option Flags::flag(const char* names, bool& value, const char* help) const {
  return Option(app_->add_flag(names, value, help));
}

Option Flags::option(const char* names, std::string& value, const std::string& help) const {
  return Option(app_->add_option(names, value, help));
}

Option Flags::option(const char* names, std::optional<std::string>& value, const std::string& help) const {
  return Option(app_->add_option(names, value, help));
}

Option Flags::option(const char* names, std::vector<std::string>& value, const std::string& help) const {
  return Option(app_->add_option(names, value, help));
}

Option Flags::option(const char* names, std::int64_t& value, const std::string& help) const {
  return Option(app_->add_option(names, value, help));
}

Flags Flags::action(const std::string& name, const std::string& help) const {
  CLI::App* sub = app_->add_subcommand(name, help);
  sub->fallthrough();
  app_->require_subcommand(1);
  return Flags(*sub);
}

bool Flags::chosen() const {
  return app_->parsed();
}

}  // namespace lockstep::cli
