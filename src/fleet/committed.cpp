#include "fleet/committed.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <optional>
#include <sstream>

#include "fleet/git.h"
#include "support/error.h"
#include "support/inside.h"
#include "support/source_text.h"

namespace lockstep::fleet {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t kAtOnce = 200;  // paths on one command line

std::string without_returns(std::string text) {
  std::erase(text, '\r');
  return text;
}

// Path in the repository → the id of its content. Symbolic links and submodules are not files.
std::map<std::string, std::string> files_of_commit(const std::string& top) {
  std::map<std::string, std::string> files;
  std::istringstream entries(git(top, {"ls-tree", "-r", "-z", "--full-tree", "HEAD"}).value_or(""));
  for (std::string entry; std::getline(entries, entry, '\0');) {  // "100644 blob ID\tPATH"
    const std::size_t tab = entry.find('\t');
    if (tab == std::string::npos || !entry.starts_with("100")) continue;
    const std::size_t id = entry.rfind(' ', tab) + 1;
    files[entry.substr(tab + 1)] = entry.substr(id, tab - id);
  }
  return files;
}

std::vector<std::string> ids_of(const std::string& top, const std::vector<std::string>& paths) {
  std::vector<std::string> ids;
  for (std::size_t from = 0; from < paths.size(); from += kAtOnce) {
    std::vector<std::string> arguments = {"hash-object", "--no-filters", "--"};
    const auto end = paths.begin() + static_cast<std::ptrdiff_t>(std::min(from + kAtOnce, paths.size()));
    arguments.insert(arguments.end(), paths.begin() + static_cast<std::ptrdiff_t>(from), end);
    std::istringstream lines(git(top, arguments).value_or(""));
    for (std::string line; std::getline(lines, line);) ids.push_back(line);
  }
  ids.resize(paths.size());
  return ids;
}

bool same_but_for_line_ends(const std::string& top, const std::string& id, const std::string& path) {
  const auto committed = git(top, {"cat-file", "blob", id});
  try {
    return committed && without_returns(*committed) == without_returns(std::string(support::read_source(path)->text()));
  } catch (const support::UsageError&) {
    return false;
  }
}

}  // namespace

std::map<std::string, std::string> uncommitted(const std::string& folder, const std::vector<std::string>& paths, Match match) {
  std::string top = git(folder, {"rev-parse", "--show-toplevel"}).value_or("");
  if (top.ends_with('\n')) top.pop_back();
  const auto committed = top.empty() ? std::map<std::string, std::string>() : files_of_commit(top);
  std::map<std::string, std::string> why;
  std::vector<std::string> given, found, ids;
  for (const std::string& path : paths) {
    std::error_code ignored;
    const fs::path whole = fs::weakly_canonical(path, ignored);
    if (top.empty() || !support::is_inside(whole.string(), top)) {
      why[path] = "is outside of the repository";
      continue;
    }
    const auto file = committed.find(whole.lexically_relative(fs::canonical(top, ignored)).string());
    if (file == committed.end()) {
      why[path] = "is not in the commit";
    } else if (match == Match::content) {
      given.push_back(path);
      found.push_back(whole.string());
      ids.push_back(file->second);
    }
  }
  const std::vector<std::string> now = ids_of(top, found);
  for (std::size_t at = 0; at < found.size(); ++at)
    if (now[at] != ids[at] && !same_but_for_line_ends(top, ids[at], found[at])) why[given[at]] = "differs from the commit";
  return why;
}

}  // namespace lockstep::fleet
