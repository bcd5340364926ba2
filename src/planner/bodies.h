// What runs when something is made, as far as the texts of function bodies tell. Private to the planner.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "catalog/catalog.h"

namespace lockstep::planner {

class Bodies {
 public:
  explicit Bodies(const catalog::Catalog& catalog) : catalog_(catalog) {}

  // Everything that the objects depend on by pg_depend, and what the bodies of functions among that mention, and so on. Empty
  // where no body runs: then pg_depend alone knows all of it.
  std::set<catalog::Index> run_with(const std::vector<catalog::Index>& objects);

 private:
  const std::multimap<std::string, catalog::Index>& by_name();

  const catalog::Catalog& catalog_;
  std::multimap<std::string, catalog::Index> by_name_;  // what stands in a schema by itself; filled when first asked for
};

}  // namespace lockstep::planner
