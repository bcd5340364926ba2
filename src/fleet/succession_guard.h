// Checks in a plan from a file that a column which takes another one's place has its values. Private to the guard of plans.
//
// A step that swaps them compares the two first, in every row. Between that and the end of the plan nothing else may touch the
// new column, under either name, and before it only what makes it equal to the old one.
#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "catalog/object.h"
#include "fleet/type_name.h"
#include "plan/plan.h"

namespace lockstep::fleet {

class SuccessionGuard {
 public:
  // Reads the questions of all steps. Text that can't be parsed is somebody else's to refuse.
  explicit SuccessionGuard(const plan::Plan& plan);

  // Why a plan of Lockstep doesn't do that to a column in step `index`; empty: it may. `path`: the name that the statement uses.
  std::string adds(std::size_t index, const catalog::Path& path, const TypeName& type);
  std::string drops(const catalog::Path& path) const;
  std::string retypes(const catalog::Path& path) const;
  std::string renames(std::size_t index, const catalog::Path& path, const std::string& to);
  // One assignment of an UPDATE in batches.
  std::string assigns(std::size_t index, const catalog::Path& path, const nlohmann::json& value) const;

  // The column that takes that one's place, by the name that it is added under; empty: none does.
  catalog::Path successor_of(const catalog::Path& column) const;
  // Whether this column's values are all in another one when step `index` renames it: that is compared, and `keeps` says of the
  // other one's type that it keeps them.
  template <class Keeps>
  bool succeeds(std::size_t index, const catalog::Path& column, Keeps keeps) const {
    for (const auto& [path, one] : successors_) {
      if (one.column == column && one.swap == index && one.added && keeps(one.type)) return true;
    }
    return false;
  }

 private:
  struct Successor {
    catalog::Path column;
    TypeName type;
    std::size_t swap = 0;  // the step that compares them
    bool added = false;
  };
  const Successor* after_swap(const catalog::Path& path) const;

  std::map<catalog::Path, Successor> successors_;  // by their own names
};

}  // namespace lockstep::fleet
