#include "support/inside.h"

#include <algorithm>
#include <filesystem>

namespace lockstep::support {
namespace {

namespace fs = std::filesystem;

// Empty: it can't be resolved (a loop of links, a folder without search permission).
fs::path resolved(const std::string& path) {
  std::error_code failure;
  fs::path result = fs::absolute(path.empty() ? "." : path, failure);
  if (!failure) result = fs::weakly_canonical(result, failure);
  if (failure) return {};
  result = result.lexically_normal();
  return result.has_filename() ? result : result.parent_path();  // "a/" is "a"
}

}  // namespace

bool is_inside(const std::string& path, const std::string& folder) {
  const fs::path inner = resolved(path), outer = resolved(folder);
  if (inner.empty() || outer.empty()) return false;
  const auto [end, ignored] = std::mismatch(outer.begin(), outer.end(), inner.begin(), inner.end());
  return end == outer.end() || (std::next(end) == outer.end() && end->empty());
}

}  // namespace lockstep::support
