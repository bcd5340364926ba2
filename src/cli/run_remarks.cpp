#include "cli/run_remarks.h"

#include <map>
#include <nlohmann/json.hpp>

#include "cli/json_text.h"
#include "cli/text.h"
#include "fleet/consent.h"
#include "plan/plan_file.h"
#include "reconciler/selection.h"
#include "support/sql_text.h"

namespace lockstep::cli {
namespace {

using executor::RunRecord;
using nlohmann::ordered_json;

std::string adopted_text(const executor::RunFacts& facts) {
  const std::string what = facts.adopted ? "what stood in the database was recorded as applied, without a step"
                                         : "what somebody had changed by hand was recorded as applied with it";
  return what + (facts.adopted_objects.empty() ? "" : ": " + one_line(support::join(facts.adopted_objects, ", ")));
}

reconciler::Selection part_of(const RunRecord& run) {
  if (run.plan_json.find("selection") == std::string::npos) return {};  // a plan is long, and hardly any is a part
  return reconciler::selection_of(plan::from_json(run.plan_json));
}

}  // namespace

const executor::RunFacts& facts_of(const AllFacts& all, const RunRecord& run) {
  static const executor::RunFacts kNone;
  const auto found = all.find(run.id);
  return found == all.end() ? kNone : found->second;
}

std::vector<RunRemark> run_remarks(const RunRecord& run, const executor::RunFacts& facts) {
  std::vector<RunRemark> remarks;
  if (const auto part = part_of(run); part.any()) remarks.push_back({"part", reconciler::flags_of(part)});
  if (facts.adopted || !facts.adopted_objects.empty()) remarks.push_back({"adopted", adopted_text(facts)});
  if (!facts.consented.empty()) remarks.push_back({"consents", fleet::consent_flags(facts.consented)});
  const std::map<std::string, const char*> labels{{"superseded", "given up"}, {"early", "purged"}, {"still_used", "passed"}};
  for (const auto& [kind, reason] : facts.reasons) remarks.push_back({labels.at(kind), one_line(reason)});
  return remarks;
}

void add_remarks(ordered_json& object, const RunRecord& run, const executor::RunFacts& facts) {
  const auto part = part_of(run);
  object["part"] = part.any() ? ordered_json{{"only", part.only}, {"left_out", part.exclude}} : ordered_json(nullptr);
  object["adopted"] = facts.adopted;
  object["adopted_objects"] = facts.adopted_objects;
  object["consented"] = ordered_json::array();
  for (const plan::Hazard& one : facts.consented)
    object["consented"].push_back({{"kind", one.kind}, {"object", one.object}, {"step", text_or_null(one.step)}});
  object["reasons"] = ordered_json::array();
  for (const auto& [kind, reason] : facts.reasons) object["reasons"].push_back({{"event", kind}, {"reason", reason}});
}

}  // namespace lockstep::cli
