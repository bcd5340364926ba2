#include "fleet/requirements.h"

#include <fmt/format.h>

#include "executor/rehearsal.h"
#include "fleet/committed.h"
#include "support/error.h"
#include "support/lines.h"
#include "support/visible.h"

namespace lockstep::fleet {

namespace {

std::string short_commit(const std::string& commit) {
  return commit.substr(0, 12);
}

}  // namespace

std::vector<std::string> unmet(const Requirements& required, const std::optional<Repository>& repository) {
  std::vector<std::string> lines;
  if (!required.of_repository()) return lines;
  if (!repository) return {"lockstep.yaml is in no git repository with a commit, or `git` is not installed"};
  if (!required.branch.empty() && repository->branch != required.branch)
    lines.push_back(fmt::format(
        "the branch must be {}; HEAD is {}", required.branch,
        repository->branch.empty() ? "detached at " + short_commit(repository->commit) : support::visible(repository->branch)));
  if (required.clean && !repository->clean)
    lines.emplace_back("the working tree has changes, or untracked files, that are not committed (`git status`)");
  if (required.up_to_date) {
    const std::string branch = required.branch.empty() ? repository->branch : required.branch;
    const RemoteBranch remote = branch.empty() ? RemoteBranch{} : remote_branch(repository->folder, branch);
    if (remote.itself) {
      lines.push_back(fmt::format(
          "whether branch {} is up to date can't be told: its remote repository is this one ({}), as git is configured here",
          support::visible(branch), support::visible(remote.url)));
    } else if (remote.commit.empty()) {
      lines.push_back(fmt::format(
          "whether branch {} is up to date can't be told: its remote repository{} could not be asked (`git ls-remote` says why)",
          branch.empty() ? "(detached)" : support::visible(branch),
          remote.url.empty() ? "" : " " + support::visible(remote.url)));
    } else if (remote.commit != repository->commit) {
      lines.push_back(fmt::format("the commit is {}, that of branch {} in {} is {}: pull, or push",
                                  short_commit(repository->commit), support::visible(branch), support::visible(remote.url),
                                  short_commit(support::visible(remote.commit))));
    }
  }
  return lines;
}

std::vector<std::string> unmet_by_files(const Requirements& required, const std::optional<Repository>& repository,
                                        const std::vector<std::string>& files) {
  if (!required.of_repository() || !repository) return {};
  std::vector<std::string> lines;
  for (const auto& [file, why] : uncommitted(repository->folder, files, required.clean ? Match::content : Match::listed))
    lines.push_back(support::visible(file) + " " + why);
  return lines;
}

namespace {

void refuse(const std::vector<std::string>& lines, const std::string& environment) {
  if (lines.empty()) return;
  throw support::RefusedError(fmt::format(
      "environment {} has `require:`, which is not met:{}\nNothing was changed. Meet it, then run the same command again.",
      environment, support::listed(lines)));
}

}  // namespace

void require_repository(const Requirements& required, const std::optional<Repository>& repository,
                        const std::string& configuration, const std::string& environment) {
  refuse(unmet(required, repository), environment);
  require_committed(required, repository, {configuration}, environment);
}

void require_committed(const Requirements& required, const std::optional<Repository>& repository,
                       const std::vector<std::string>& files, const std::string& environment) {
  refuse(unmet_by_files(required, repository, files), environment);
}

void require_rehearsed(postgres::Session& session, std::chrono::hours within, const std::string& environment) {
  const executor::RehearsalAge age = executor::rehearsal_age(session);
  if (!age.saved || (age.seconds && std::chrono::seconds(*age.seconds) <= within)) return;
  const std::string last =
      age.failed   ? fmt::format("the last one failed at {} (run {})", age.failed->at, age.failed->run.substr(0, 8))
      : age.passed ? fmt::format("the last one that passed was at {} (run {})", age.passed->at, age.passed->run.substr(0, 8))
                   : "none ever was";
  throw support::RefusedError(fmt::format(
      "environment {0} wants a backup that was rehearsed within {1} h (`backup: rehearsed_within:`), and {2}.\nNothing was "
      "changed. `lockstep backup rehearse --env {0}` rehearses the newest; then run the same command again.",
      environment, within.count(), last));
}

}  // namespace lockstep::fleet
