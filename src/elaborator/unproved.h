// What of a plan can't be tried on the scratch copy, and why.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "catalog/catalog.h"
#include "plan/plan.h"

namespace lockstep::elaborator {

// What the copy lacks, or has otherwise than the live database, and why; and of a plan, what can't be tried for it.
class UnprovedObjects {
 public:
  // `id` of `catalog`, with everything there that hangs on it. The first reason stays. `stood_in`: the copy has a stub.
  void add(const catalog::Catalog& catalog, const catalog::ObjectId& id, const std::string& reason, bool stood_in = false);
  void add(const catalog::Catalog& catalog, const std::vector<std::pair<catalog::ObjectId, std::string>>& lacking);
  bool lack_anything() const;  // of which the copy has not even a stub
  bool contain(const catalog::ObjectId& id) const { return reasons_.contains(id); }
  struct Reason {
    std::string text;
    bool stood_in = false;  // the step can be tried, and what comes of it is no proof
  };
  // Why this step can't be tried as it is; absent: it can.
  std::optional<Reason> about(const plan::Step& step) const;
  // The step was tried beside stubs only.
  void name(const plan::Step& step, const std::string& reason);
  // The step is not tried: nothing is known of what it would have made of these objects.
  void leave_out(const plan::Step& step, const std::string& reason);
  // No fault of the plan: what a step that wasn't tried should have done is not done on the copy.
  bool excuse(const catalog::Catalog& catalog, const catalog::ObjectId& id) const;
  const std::vector<plan::Unproved>& unproved() const { return unproved_; }

 private:
  std::map<catalog::ObjectId, Reason> reasons_;
  std::vector<plan::Unproved> unproved_;
};

}  // namespace lockstep::elaborator
