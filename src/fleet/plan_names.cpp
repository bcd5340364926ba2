#include "fleet/plan_names.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace lockstep::fleet {

using catalog::Path;

std::optional<Path> PlanNames::before(const Path& path) const {
  if (const auto renamed = origin_.find(path); renamed != origin_.end()) return renamed->second;
  if (made_.contains(path)) return std::nullopt;
  if (path.size() < 2) return path;
  std::optional<Path> whole = before({path.begin(), path.end() - 1});
  if (whole) whole->push_back(path.back());
  return whole;
}

void PlanNames::rename(const Path& path, const Path& now) {
  const std::optional<Path> old = before(path);
  const auto moved = [&](const Path& one) {
    if (one.size() <= path.size() || !std::equal(path.begin(), path.end(), one.begin())) return one;
    Path result = now;
    result.append({one.begin() + std::ssize(path), one.end()});
    return result;
  };
  std::map<Path, Path> origins;
  std::set<Path> made;
  for (const auto& [one, origin] : origin_) origins[moved(one)] = origin;
  for (const Path& one : made_) made.insert(moved(one));
  origin_ = std::move(origins);
  made_ = std::move(made);
  for (const Path& one : {path, now}) {
    origin_.erase(one);
    made_.erase(one);
  }
  if (old) {
    origin_[now] = *old;
  } else {
    made_.insert(now);
  }
}

}  // namespace lockstep::fleet
