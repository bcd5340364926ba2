// What each name in a plan's statements was before the plan, while the statements are read one after the other. Private to the
// guard of plans.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>

#include "catalog/object.h"

namespace lockstep::fleet {

class PlanNames {
 public:
  // By its present path. nullopt: the plan creates it.
  std::optional<catalog::Path> before(const catalog::Path& path) const;

  void make(const catalog::Path& path) { made_.insert(path); }
  void forget(const catalog::Path& path) { made_.erase(path); }
  // A rename of a schema, a relation or a column; what is known of its parts goes along.
  void rename(const catalog::Path& path, const catalog::Path& now);

 private:
  std::set<catalog::Path> made_;                   // by their present paths
  std::map<catalog::Path, catalog::Path> origin_;  // the path before the plan, by the present one
};

}  // namespace lockstep::fleet
