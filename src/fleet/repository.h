// The git repository that the schema files are in: which commit they are, and whether it is the reviewed one.
//
// Asks the program `git`; without it, or outside a repository, there is none. The repository's own configuration is not trusted
// to name programs: hooks and the file monitor are off.
#pragma once

#include <optional>
#include <string>

namespace lockstep::fleet {

struct Repository {
  std::string folder;  // one in it, of lockstep.yaml; empty: the current one
  std::string commit;  // 40 or 64 hexadecimal digits
  std::string branch;  // empty: HEAD is detached
  std::string author;  // "Ada <ada@example.org>", of the commit
  bool clean = false;  // but for the folder's lockstep.lock, nothing differs from the commit or is untracked and not ignored
};

// `folder`: that of lockstep.yaml, empty for the current one.
std::optional<Repository> repository_of(const std::string& folder);
// A branch in the remote repository that it is pulled from, asked there.
struct RemoteBranch {
  std::string url;      // as git resolves it, without user and password; empty: none is configured
  std::string commit;   // empty: there is no such branch, or it can't be asked
  bool itself = false;  // the "remote" repository is this one, which proves nothing: not asked
};
RemoteBranch remote_branch(const std::string& folder, const std::string& branch);

}  // namespace lockstep::fleet
