#include "fleet/schema_files.h"

#include <fmt/format.h>
#include <glob.h>

#include <algorithm>
#include <filesystem>
#include <set>

#include "support/error.h"

namespace lockstep::fleet {
namespace {

namespace fs = std::filesystem;
using support::UsageError;

bool is_schema(const fs::path& path) {
  return path.extension() == ".schema" || path.extension() == ".sql";
}

std::vector<std::string> below(const std::string& folder) {
  std::vector<std::string> files;
  for (const auto& entry : fs::recursive_directory_iterator(folder))
    if (entry.is_regular_file() && is_schema(entry.path())) files.push_back(entry.path().string());
  std::sort(files.begin(), files.end());
  if (files.empty()) throw UsageError(fmt::format("{}: the folder holds no .schema or .sql file", folder));
  return files;
}

std::vector<std::string> matching(const std::string& pattern) {
  glob_t found{};
  std::vector<std::string> files;
  if (glob(pattern.c_str(), 0, nullptr, &found) == 0)
    for (std::size_t i = 0; i < found.gl_pathc; ++i) files.emplace_back(found.gl_pathv[i]);
  globfree(&found);
  if (files.empty()) throw UsageError(fmt::format("{}: no file matches", pattern));
  return files;
}

std::vector<std::string> files_of(const std::string& item) {
  std::error_code ignored;
  if (fs::is_directory(item, ignored)) return below(item);
  if (fs::exists(item, ignored)) return {item};
  if (item.find_first_of("*?[") != std::string::npos) {
    std::vector<std::string> files;
    for (const std::string& match : matching(item)) {
      const std::vector<std::string> more = fs::is_directory(match, ignored) ? below(match) : std::vector{match};
      files.insert(files.end(), more.begin(), more.end());
    }
    return files;
  }
  throw UsageError(fmt::format("{}: no such file or folder", item));
}

}  // namespace

std::vector<std::string> schema_files(const std::vector<std::string>& items) {
  std::vector<std::string> result;
  std::set<std::string> seen;
  for (const std::string& item : items) {
    for (const std::string& file : files_of(item)) {
      if (seen.insert(fs::weakly_canonical(file).string()).second) result.push_back(file);
    }
  }
  return result;
}

}  // namespace lockstep::fleet
