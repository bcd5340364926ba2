// The parts of a plan that can't be tried on the scratch copy, and why.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "catalog/catalog.h"
#include "plan/plan.h"

namespace lockstep::elaborator {

// The objects that the copy lacks or has in another form, and why, and the steps of a plan that can't be tried because of them.
class UnprovedObjects {
 public:
  // Adds `id` of `catalog` with everything that depends on it. The first reason is kept. `stood_in`: the copy has a stub.
  void add(const catalog::Catalog& catalog, const catalog::ObjectId& id, const std::string& reason, bool stood_in = false);
  void add(const catalog::Catalog& catalog, const std::vector<std::pair<catalog::ObjectId, std::string>>& lacking);
  bool lack_anything() const;  // and the copy has no stub of it
  bool contain(const catalog::ObjectId& id) const { return reasons_.contains(id); }
  struct Reason {
    std::string text;
    bool stood_in = false;  // the step can be tried, but its result proves nothing
  };
  // Why this step can't be tried as it is; absent: it can.
  std::optional<Reason> about(const plan::Step& step) const;
  // Records that the step was tried with stubs only.
  void name(const plan::Step& step, const std::string& reason);
  // Records that the step is not tried, so that nothing is known about its effect on its objects.
  void leave_out(const plan::Step& step, const std::string& reason);
  // Whether a difference of this object on the copy is expected, because a step that would have made it was not tried.
  bool excuse(const catalog::Catalog& catalog, const catalog::ObjectId& id) const;
  const std::vector<plan::Unproved>& unproved() const { return unproved_; }

 private:
  std::map<catalog::ObjectId, Reason> reasons_;
  std::vector<plan::Unproved> unproved_;
};

}  // namespace lockstep::elaborator
