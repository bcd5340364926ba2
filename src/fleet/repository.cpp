#include "fleet/repository.h"

#include <filesystem>
#include <string_view>
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

// CI servers put a token into the URL that they clone from.
std::string without_user(const std::string& url) {
  const std::size_t begin = url.find("://");
  const std::size_t end = url.find('/', begin == std::string::npos ? 0 : begin + 3);
  const std::size_t at = url.substr(0, end).rfind('@');
  return begin == std::string::npos || at == std::string::npos ? url : url.substr(0, begin + 3) + url.substr(at + 1);
}

// Where the repository at a URL keeps its commits, if that is on this machine; empty: it isn't.
std::string shared_folder(const std::string& url, const std::string& folder) {
  constexpr std::string_view kFile = "file://";
  const std::filesystem::path path(url.starts_with(kFile) ? url.substr(kFile.size()) : url);
  std::error_code failed;
  const auto whole = std::filesystem::canonical(std::filesystem::path(folder.empty() ? "." : folder) / path, failed);
  if (failed) return {};
  const auto shared = line_of(whole.string(), {"rev-parse", "--git-common-dir"});
  return shared ? std::filesystem::weakly_canonical(whole / *shared, failed).string() : "";
}

}  // namespace

std::optional<Repository> repository_of(const std::string& folder) {
  const auto commit = line_of(folder, {"rev-parse", "--verify", "HEAD"});
  if (!commit) return std::nullopt;
  Repository found;
  found.folder = folder;
  found.commit = *commit;
  found.branch = line_of(folder, {"symbolic-ref", "--quiet", "--short", "HEAD"}).value_or("");
  found.author = line_of(folder, {"log", "-1", "--format=%an <%ae>"}).value_or("");
  // Lockstep itself writes lockstep.lock with every apply: staging's would keep production's from the same checkout.
  const auto status =
      line_of(folder, {"status", "--porcelain", "--untracked-files=normal", "--", ":/", ":(exclude)lockstep.lock"});
  found.clean = status && status->empty();
  return found;
}

RemoteBranch remote_branch(const std::string& folder, const std::string& branch) {
  const std::string remote = line_of(folder, {"config", "--get", "branch." + branch + ".remote"}).value_or("origin");
  RemoteBranch found;
  if (remote.starts_with("-")) return found;
  const std::string url = line_of(folder, {"ls-remote", "--get-url", remote}).value_or(remote);
  found.url = without_user(url);
  found.itself = shared_folder(url, folder) == shared_folder(".", folder);
  if (found.itself) return found;
  const auto line = line_of(folder, {"ls-remote", "--exit-code", "--heads", remote, "refs/heads/" + branch});
  if (line) found.commit = line->substr(0, line->find('\t'));
  return found;
}

}  // namespace lockstep::fleet
