// Finds PostgreSQL's programs.
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <mutex>
#include <set>

#include "postgres/embedded_server.h"
#include "postgres/process.h"

namespace lockstep::postgres {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> split_path(const char* variable) {
  std::vector<std::string> folders;
  const char* value = std::getenv(variable);
  std::string rest = value ? value : "";
  while (!rest.empty()) {
    const std::size_t colon = rest.find(':');
    if (colon != 0) folders.push_back(rest.substr(0, colon));
    rest = colon == std::string::npos ? "" : rest.substr(colon + 1);
  }
  return folders;
}

// Every <root>/<name with this prefix>/<below>.
std::vector<std::string> installed(const std::string& root, const std::string& prefix, const std::string& below) {
  std::vector<std::string> folders;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(root, ignored)) {
    if (entry.path().filename().string().rfind(prefix, 0) == 0) folders.push_back((entry.path() / below).string());
  }
  std::sort(folders.begin(), folders.end());
  return folders;
}

bool executable(const fs::path& file) {
  return ::access(file.c_str(), X_OK) == 0;
}

// "postgres (PostgreSQL) 15.20 (Debian …)", "… 18beta1".
int major_of(const std::string& version) {
  const std::size_t at = version.find("(PostgreSQL) ");
  return at == std::string::npos ? 0 : std::atoi(version.c_str() + at + 13);
}

// The program's version; empty: it doesn't run. Asked once a process, because it takes longer than a query.
std::string version_of(const std::string& program) {
  static std::mutex mutex;
  static std::map<std::string, std::string> known;
  const std::lock_guard<std::mutex> lock(mutex);
  const auto [entry, asked] = known.try_emplace(program);
  if (asked) {
    const Finished version = run({program, "--version"}, OsUser{"", ::geteuid(), ::getegid()});
    if (version.status == 0) entry->second = version.output;
  }
  return entry->second;
}

void add(std::vector<Binaries>& found, std::set<std::string>& seen, const std::vector<std::string>& folders) {
  std::vector<Binaries> group;
  for (const std::string& folder : folders) {
    std::error_code error;
    const std::string real = fs::canonical(folder, error).string();
    if (error || !executable(real + "/postgres") || !executable(real + "/initdb") || !seen.insert(real).second) continue;
    std::string version = version_of(real + "/postgres");
    if (const int major = major_of(version); major > 0) group.push_back({major, real, std::move(version)});
  }
  std::stable_sort(group.begin(), group.end(), [](const Binaries& a, const Binaries& b) { return a.major > b.major; });
  found.insert(found.end(), group.begin(), group.end());
}

}  // namespace

std::vector<Binaries> find_binaries(const std::vector<std::string>& configured) {
  std::vector<Binaries> found;
  std::set<std::string> seen;
  add(found, seen, split_path("LOCKSTEP_PG_BINDIRS"));
  add(found, seen, configured);
  std::vector<std::string> usual = installed("/usr/lib/postgresql", "", "bin");
  for (const auto& [root, prefix, below] : {std::array<std::string, 3>{"/usr", "pgsql-", "bin"},
                                            {"/usr/lib", "postgresql", "bin"},
                                            {"/opt/homebrew/opt", "postgresql", "bin"},
                                            {"/usr/local/opt", "postgresql", "bin"},
                                            {"/Library/PostgreSQL", "", "bin"},
                                            {"/usr/local", "pgsql", "bin"}}) {
    for (std::string& folder : installed(root, prefix, below)) usual.push_back(std::move(folder));
  }
  add(found, seen, usual);
  add(found, seen, split_path("PATH"));
  return found;
}

}  // namespace lockstep::postgres
