#include "plan/plan.h"

#include "plan/json.h"
#include "support/digest.h"

namespace lockstep::plan {

std::string digest(const Plan& plan) {
  Json json;
  json["target"] = json_of(plan.target);
  json["desired_fingerprint"] = plan.desired_fingerprint;
  json["steps"] = Json::array();
  for (const Step& step : plan.steps) json["steps"].push_back(json_of(step, Fields::deciding));
  json["read_set"] = plan.read_set;
  // omitted if empty, so that plans of older versions keep their digests
  if (!plan.before.empty()) json["before"] = json_of(plan.before);
  json["unproved"] = json_of(plan.unproved);
  if (!plan.record.empty()) json["record"] = plan.record;  // omitted if empty, for the same reason
  json["foreign_code"] = json_of(plan.foreign_code);
  if (!plan.undoes.empty()) json["undoes"] = Json{{"run", plan.undoes}, {"progress", plan.progress}};
  if (plan.hold != 0) json["hold"] = plan.hold;
  return support::sha256(json.dump());
}

}  // namespace lockstep::plan
