#include "fleet/repository.h"

#include <vector>

#include "fleet/git.h"

namespace lockstep::fleet {

namespace {

// The output without its last newline.
std::optional<std::string> line_of(const std::string& folder, const std::vector<std::string>& arguments) {
  std::optional<std::string> output = git(folder, arguments);
  if (output && output->ends_with('\n')) output->pop_back();
  return output;
}

}  // namespace

std::optional<Repository> repository_of(const std::string& folder) {
  const auto commit = line_of(folder, {"rev-parse", "--verify", "HEAD"});
  if (!commit) return std::nullopt;
  Repository found;
  found.commit = *commit;
  found.branch = line_of(folder, {"symbolic-ref", "--quiet", "--short", "HEAD"}).value_or("");
  found.author = line_of(folder, {"log", "-1", "--format=%an <%ae>"}).value_or("");
  // Lockstep itself writes lockstep.lock with every apply: staging's would keep production's from the same checkout.
  const auto status =
      line_of(folder, {"status", "--porcelain", "--untracked-files=normal", "--", ":/", ":(exclude)lockstep.lock"});
  found.clean = status && status->empty();
  return found;
}

std::optional<std::string> remote_commit(const std::string& folder, const std::string& branch) {
  const std::string remote = line_of(folder, {"config", "--get", "branch." + branch + ".remote"}).value_or("origin");
  if (remote.starts_with("-")) return std::nullopt;
  const auto line = line_of(folder, {"ls-remote", "--exit-code", "--heads", remote, "refs/heads/" + branch});
  if (!line) return std::nullopt;
  return line->substr(0, line->find('\t'));
}

}  // namespace lockstep::fleet
