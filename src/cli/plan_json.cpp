// The plan file, which `lockstep apply FILE` runs.
#include "cli/plan_document.h"
#include "plan/plan_file.h"

namespace lockstep::cli {
namespace {

std::string json_of(const PlanDocument& document, const Look&) {
  return plan::to_json(document.plan);
}

}  // namespace

constinit const Renderer<PlanDocument> kPlanJson{.format = "json", .text = json_of};

}  // namespace lockstep::cli
