// Whether files on disk are what the commit has.
//
// Asked of git file by file: what it ignores, what it was told not to look at (`update-index --skip-worktree`), what stands in a
// submodule or outside of the repository is not in the commit, whatever `git status` says.
#pragma once

#include <map>
#include <string>
#include <vector>

namespace lockstep::fleet {

enum class Match {
  listed,   // the commit has a file of this name
  content,  // and with this content, but for how lines end
};

// Each file that is not, as it was given, and why: "differs from the commit". `folder`: one in the repository, empty for the
// current one. REQUIRES: it has a commit.
std::map<std::string, std::string> uncommitted(const std::string& folder, const std::vector<std::string>& paths, Match match);

}  // namespace lockstep::fleet
