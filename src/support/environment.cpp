#include "support/environment.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <string_view>

extern char** environ;

namespace lockstep::support {
namespace {

constexpr std::array<std::string_view, 9> kPassed = {"PATH",   "HOME", "USER", "LOGNAME", "SHELL",
                                                     "TMPDIR", "TZ",   "LANG", "LANGUAGE"};

}  // namespace

std::vector<std::string> minimal_environment() {
  std::vector<std::string> result;
  for (char** one = environ; *one != nullptr; ++one) {
    const std::string_view variable = *one;
    const std::string_view name = variable.substr(0, variable.find('='));
    if (name.starts_with("LC_") || std::find(kPassed.begin(), kPassed.end(), name) != kPassed.end())
      result.emplace_back(variable);
  }
  return result;
}

std::vector<char*> environment_pointers(std::vector<std::string>& variables) {
  std::vector<char*> result;
  result.reserve(variables.size() + 1);
  for (std::string& variable : variables) result.push_back(variable.data());
  result.push_back(nullptr);
  return result;
}

}  // namespace lockstep::support
