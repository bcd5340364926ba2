#include "fleet/revision.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "fleet/git.h"
#include "fleet/schema_files.h"
#include "support/error.h"
#include "support/visible.h"

namespace lockstep::fleet {
namespace {

namespace fs = std::filesystem;
using support::UsageError;

// One line of `git ls-tree -z`: "100644 blob HASH<tab>PATH".
struct Entry {
  std::string mode, hash, path;
};

std::vector<Entry> entries_of(const std::string& tree) {
  std::vector<Entry> entries;
  for (std::size_t at = 0; at < tree.size();) {
    const std::size_t end = std::min(tree.find('\0', at), tree.size());
    const std::string line = tree.substr(at, end - at);
    at = end + 1;
    const std::size_t tab = line.find('\t'), first = line.find(' ');
    const std::size_t second = line.find(' ', first + 1);
    if (tab == std::string::npos || second == std::string::npos || second > tab) continue;
    entries.push_back({line.substr(0, first), line.substr(second + 1, tab - second - 1), line.substr(tab + 1)});
  }
  return entries;
}

// A tree object made by hand may hold any name.
bool stays_below(const fs::path& path) {
  return path.is_relative() && std::none_of(path.begin(), path.end(), [](const fs::path& part) { return part == ".."; });
}

// "db/inc" below "db/"; of the folder itself, ".".
std::string inside(const std::string& path, const std::string& folder) {
  return path.size() <= folder.size() ? "." : path.substr(folder.size());
}

bool is_commit(const std::string& text) {
  return (text.size() == 40 || text.size() == 64) && text.find_first_not_of("0123456789abcdef") == std::string::npos;
}

}  // namespace

Revision::Revision(const std::string& text, const std::vector<std::string>& items, const std::string& project)
    : project_(project) {
  const std::size_t colon = text.find(':', 4);
  ref_ = text.substr(4, colon == std::string::npos ? colon : colon - 4);
  const std::vector<std::string> wanted = colon == std::string::npos ? items : std::vector{text.substr(colon + 1)};
  const std::string shown = support::visible(text);
  if (ref_.empty() || ref_.front() == '-')
    throw UsageError(
        fmt::format("{}: this names no commit: git:REF or git:REF:PATH is wanted, REF being a branch, tag or commit", shown));
  if (wanted.empty())
    throw UsageError(fmt::format("{}: which schema files? Give `schema:` in lockstep.yaml, or git:REF:PATH", shown));
  for (const std::string& item : wanted)
    if (item.empty() || !stays_below(item))
      throw UsageError(
          fmt::format("{}: \"{}\" leads out of the project, and what lies outside is not read", shown, support::visible(item)));
  commit_ = git(project_, {"rev-parse", "--verify", "--quiet", "--end-of-options", ref_ + "^{commit}"}).value_or("");
  while (commit_.ends_with('\n')) commit_.pop_back();
  if (!is_commit(commit_)) throw UsageError(fmt::format("{}: git knows no commit \"{}\" here", shown, support::visible(ref_)));
  const auto tree = git(project_, {"ls-tree", "-r", "-z", commit_});
  if (!tree) throw UsageError(fmt::format("{}: git can't read the files of commit {}", shown, commit_));

  std::vector<std::string> links;
  for (const Entry& entry : entries_of(*tree)) {
    if (!is_schema_file(entry.path)) continue;
    if (!stays_below(entry.path)) throw UsageError(fmt::format("{}: a file named \"{}\"", shown, support::visible(entry.path)));
    if (entry.mode.starts_with("100")) {
      write(entry.path, entry.hash);
    } else {
      links.push_back(entry.path);
    }
  }
  for (const std::string& item : wanted) {
    const std::string prefix = fs::path(item).lexically_normal().string();
    for (const std::string& link : links)
      if (link.starts_with(prefix) || prefix == "./" || prefix == "." || item.find_first_of("*?[") != std::string::npos)
        throw UsageError(fmt::format("{}: {} is a link at that commit, and no link is followed", shown, support::visible(link)));
    try {
      for (std::string& file : project_schema_files({item}, folder_.path()))
        if (std::find(files_.begin(), files_.end(), file) == files_.end()) files_.push_back(std::move(file));
    } catch (const UsageError&) {  // deleted, or not there yet
      missing_.push_back(item);
    }
  }
  if (files_.empty() && colon != std::string::npos) {
    // In git itself, such a path is one of the repository.
    std::string below = git(project_, {"rev-parse", "--show-prefix"}).value_or("");
    while (below.ends_with('\n')) below.pop_back();
    const bool whole = !below.empty() && (wanted.front() + "/").starts_with(below);
    throw UsageError(fmt::format(
        "{}: the commit has none of the schema files {}; the path is one below {}{}", shown, support::visible(wanted.front()),
        below.empty() ? "the project's folder" : support::visible(below) + ", the project's folder in the repository",
        whole ? fmt::format(": write git:{}:{}", support::visible(ref_), support::visible(inside(wanted.front(), below))) : ""));
  }
  if (files_.empty())
    throw UsageError(fmt::format("{}: the commit has none of the schema files {}", shown,
                                 support::visible(fmt::format("{}", fmt::join(wanted, ", ")))));
}

void Revision::write(const std::string& path, const std::string& blob) const {
  const auto text = git(project_, {"cat-file", "blob", blob});
  if (!text) throw UsageError(fmt::format("git can't read {} of commit {}", support::visible(path), commit_));
  const fs::path target = fs::path(folder_.path()) / path;
  fs::create_directories(target.parent_path());
  std::ofstream stream(target, std::ios::binary);
  stream << *text;
  if (!stream.flush()) throw UsageError(fmt::format("{} can't be written", target.string()));
}

std::string Revision::named(std::string text) const {
  const std::string here = folder_.path() + "/", there = "git:" + ref_ + ":";
  for (std::size_t at = 0; (at = text.find(here, at)) != std::string::npos; at += there.size())
    text.replace(at, here.size(), there);
  return text;
}

}  // namespace lockstep::fleet
