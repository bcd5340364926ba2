#include "fleet/schema_files.h"

#include <fmt/format.h>
#include <fnmatch.h>
#include <glob.h>

#include <algorithm>
#include <filesystem>
#include <set>

#include "support/error.h"
#include "support/inside.h"

namespace lockstep::fleet {
namespace {

namespace fs = std::filesystem;
using support::UsageError;

constexpr const char* kWild = "*?[";

// A file found in a folder may be a link that somebody else created.
void require_inside(const std::string& path, const std::string& folder) {
  if (support::is_inside(path, folder)) return;
  throw UsageError(
      fmt::format("{}: this leads out of the folder {} (by a link or by \"..\"), and what lies outside is not read. "
                  "Put the file into the folder, or name it by itself: --schema PATH",
                  path, folder.empty() ? "." : folder));
}

std::vector<std::string> below(const std::string& folder) {
  std::vector<std::string> files;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (!is_schema_file(entry.path())) continue;
    require_inside(entry.path().string(), folder);
    if (entry.is_regular_file()) files.push_back(entry.path().string());
  }
  std::sort(files.begin(), files.end());
  if (files.empty()) throw UsageError(fmt::format("{}: the folder holds no .schema or .sql file", folder));
  return files;
}

// The folder that a pattern begins with: "schemas" for "schemas/*.schema".
std::string folder_of_pattern(const std::string& pattern) {
  const std::size_t slash = pattern.rfind('/', pattern.find_first_of(kWild));
  return slash == std::string::npos ? "" : slash == 0 ? "/" : pattern.substr(0, slash);
}

std::vector<std::string> matching(const std::string& pattern) {
  glob_t found{};
  std::vector<std::string> files;
  if (glob(pattern.c_str(), 0, nullptr, &found) == 0)
    for (std::size_t i = 0; i < found.gl_pathc; ++i) files.emplace_back(found.gl_pathv[i]);
  globfree(&found);
  if (files.empty()) throw UsageError(fmt::format("{}: no file matches", pattern));
  for (const std::string& file : files) require_inside(file, folder_of_pattern(pattern));
  return files;
}

std::vector<std::string> files_of(const std::string& item) {
  std::error_code ignored;
  if (fs::is_directory(item, ignored)) return below(item);
  if (fs::exists(item, ignored)) return {item};
  if (item.find_first_of(kWild) != std::string::npos) {
    std::vector<std::string> files;
    for (const std::string& match : matching(item)) {
      const std::vector<std::string> more = fs::is_directory(match, ignored) ? below(match) : std::vector{match};
      files.insert(files.end(), more.begin(), more.end());
    }
    return files;
  }
  throw UsageError(fmt::format("{}: no such file or folder", item));
}

// The file's canonical path. A pipe (`--schema <(…)`) has none and is used as it is.
std::string place_of(const std::string& file) {
  std::error_code failure;
  const fs::path place = fs::weakly_canonical(file, failure);
  return failure ? file : place.string();
}

// Adds each file once.
void add(std::vector<std::string> files, std::set<std::string>& seen, std::vector<std::string>& result) {
  for (std::string& file : files)
    if (seen.insert(place_of(file)).second) result.push_back(std::move(file));
}

}  // namespace

bool is_schema_file(const fs::path& path) {
  return path.extension() == ".schema" || path.extension() == ".sql";
}

std::vector<std::string> schema_files(const std::vector<std::string>& items) {
  std::vector<std::string> result;
  std::set<std::string> seen;
  for (const std::string& item : items) add(files_of(item), seen, result);
  return result;
}

std::vector<std::string> project_schema_files(const std::vector<std::string>& items, const std::string& project) {
  std::vector<std::string> result;
  std::set<std::string> seen;
  for (const std::string& item : items) {
    const std::string path = (fs::path(project) / item).string();
    if (path.find_first_of(kWild) == std::string::npos) require_inside(path, project);
    std::vector<std::string> files = files_of(path);
    for (const std::string& file : files) require_inside(file, project);
    add(std::move(files), seen, result);
  }
  return result;
}

bool would_be_read(const std::string& path, const std::vector<std::string>& items, const std::optional<std::string>& project) {
  return std::any_of(items.begin(), items.end(), [&](const std::string& item) {
    const std::string whole = project ? (fs::path(*project) / item).string() : item;
    std::error_code ignored;
    if (fs::is_directory(whole, ignored)) return support::is_inside(path, whole);
    if (whole.find_first_of(kWild) == std::string::npos || fs::exists(whole, ignored)) return false;
    if (fnmatch(whole.c_str(), path.c_str(), FNM_PATHNAME | FNM_PERIOD) == 0) return true;
    const std::vector<std::string> matches = matching(whole);
    return std::any_of(matches.begin(), matches.end(), [&](const std::string& match) {
      return fs::is_directory(match, ignored) && support::is_inside(path, match);
    });
  });
}

}  // namespace lockstep::fleet
