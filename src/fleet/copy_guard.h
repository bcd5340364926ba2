// Tables whose rows a plan copies into the relation that takes their name: the old one may be dropped without being saved, if all
// of its rows and values were copied and both were counted in the same transaction. Private to the guard of plans.
#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <string>

#include "catalog/catalog.h"
#include "fleet/plan_names.h"
#include "fleet/plan_types.h"
#include "fleet/type_name.h"

namespace lockstep::fleet {

class CopyGuard {
 public:
  // Refers to its arguments.
  CopyGuard(const catalog::Catalog& live, const PlanTypes& types) : live_(live), types_(types) {}

  void renames(std::size_t step, const catalog::Path& table, const catalog::Path& aside) { renamed_[aside] = {step, table}; }
  // `fields`: of the tree of CREATE TABLE.
  void creates(const catalog::Path& table, const nlohmann::json& fields);
  // What is wrong with an INSERT of a step, or empty. `fields`: of its tree. `names`: as they are called before it.
  std::string inserts(std::size_t step, const nlohmann::json& fields, const std::string& sql, const PlanNames& names);
  // The same for a DO.
  std::string runs(std::size_t step, const std::string& sql);
  // Whether all rows of the relation with this name are in another one, and were counted in this step.
  bool has_copied(std::size_t step, const catalog::Path& aside) const;

 private:
  struct Copy {
    std::size_t step;
    catalog::Path table;
    bool compared = false;
  };
  const catalog::Catalog& live_;
  const PlanTypes& types_;
  std::map<catalog::Path, std::pair<std::size_t, catalog::Path>> renamed_;  // in which step, and the name before
  std::map<catalog::Path, std::map<std::string, TypeName>> created_;        // tables, with the types of their columns
  std::map<catalog::Path, Copy> copies_;                                    // by the name of the old relation
};

}  // namespace lockstep::fleet
