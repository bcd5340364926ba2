// What `plan` prints.
#pragma once

#include <string>
#include <vector>

#include "cli/checklist.h"
#include "cli/renderer.h"
#include "plan/hazard.h"
#include "plan/plan.h"

namespace lockstep::cli {

struct PlanDocument {
  // A sentence on the open run. Shown first, because the plan is made from the state in the middle of that run. Empty: there is
  // none.
  std::string open_run;
  plan::Plan plan;
  std::vector<plan::Hazard> hazards;  // of the plan
  Checklist checklist;                // only for formats that print it
};

// One file each.
extern const Renderer<PlanDocument> kPlanText, kPlanSql, kPlanJson, kPlanMarkdown, kPlanHtml;
inline constexpr const Renderer<PlanDocument>* kPlanFormats[] = {&kPlanText, &kPlanSql, &kPlanJson, &kPlanMarkdown, &kPlanHtml};

}  // namespace lockstep::cli
