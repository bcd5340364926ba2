#include "fleet/repository.h"

#include <vector>

#include "support/program.h"

namespace lockstep::fleet {

namespace {

// The output without its last newline; nullopt: git has failed.
std::optional<std::string> git(const std::string& folder, const std::vector<std::string>& arguments) {
  std::vector<std::string> all = {"git", "-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null"};
  all.insert(all.end(), arguments.begin(), arguments.end());
  support::ProgramResult result = support::run_program(all, folder);
  if (result.status != 0) return std::nullopt;
  if (!result.output.empty() && result.output.back() == '\n') result.output.pop_back();
  return std::move(result.output);
}

}  // namespace

std::optional<Repository> repository_of(const std::string& folder) {
  const auto commit = git(folder, {"rev-parse", "--verify", "HEAD"});
  if (!commit) return std::nullopt;
  Repository found;
  found.commit = *commit;
  found.branch = git(folder, {"symbolic-ref", "--quiet", "--short", "HEAD"}).value_or("");
  found.author = git(folder, {"log", "-1", "--format=%an <%ae>"}).value_or("");
  // Lockstep itself writes lockstep.lock with every apply: staging's would keep production's from the same checkout.
  const auto status = git(folder, {"status", "--porcelain", "--untracked-files=normal", "--", ":/", ":(exclude)lockstep.lock"});
  found.clean = status && status->empty();
  return found;
}

std::optional<std::string> remote_commit(const std::string& folder, const std::string& branch) {
  const std::string remote = git(folder, {"config", "--get", "branch." + branch + ".remote"}).value_or("origin");
  if (remote.starts_with("-")) return std::nullopt;
  const auto line = git(folder, {"ls-remote", "--exit-code", "--heads", remote, "refs/heads/" + branch});
  if (!line) return std::nullopt;
  return line->substr(0, line->find('\t'));
}

}  // namespace lockstep::fleet
