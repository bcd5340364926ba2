#include "fleet/git.h"

#include "support/program.h"

namespace lockstep::fleet {

std::optional<std::string> git(const std::string& folder, const std::vector<std::string>& arguments) {
  std::vector<std::string> all = {"git", "-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null"};
  all.insert(all.end(), arguments.begin(), arguments.end());
  support::ProgramResult result = support::run_program(all, folder);
  if (result.status != 0) return std::nullopt;
  return std::move(result.output);
}

}  // namespace lockstep::fleet
