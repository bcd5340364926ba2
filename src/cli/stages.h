// The stages of a deployment, as lines on stderr, and a Conversation that tells where one stage ends and the next begins.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "cli/console.h"
#include "fleet/rollout.h"

namespace lockstep::cli {

// What ends a dry run before anything is changed.
struct DryRunEnd {
  std::string why;
};

class Stages {
 public:
  explicit Stages(const Console& console) : console_(console) {}
  void begin(const std::string& stage);  // ends the one before
  void end();
  const std::string& now() const { return now_; }  // empty: none

 private:
  const Console& console_;
  std::string now_;
  std::chrono::steady_clock::time_point since_;
};

// Called after a plan that isn't empty was shown.
using AfterPlan = std::function<void(const plan::Plan& plan, const std::vector<plan::Hazard>& hazards)>;

// `dry`: throws DryRunEnd where the run would begin.
std::unique_ptr<fleet::Conversation> staged(std::unique_ptr<fleet::Conversation> conversation, Stages& stages, bool dry,
                                            AfterPlan after_plan = {});

}  // namespace lockstep::cli
