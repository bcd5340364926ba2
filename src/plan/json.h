// The parts of a plan as JSON values, for the plan file and for the digest. Keys have a fixed order, so equal values give equal
// bytes.
// Used inside this module only. Others read and write whole plans through plan_file.h.
#pragma once

#include <nlohmann/json.hpp>

#include "plan/plan.h"

namespace lockstep::plan {

using Json = nlohmann::ordered_json;

// `whole`: every field. `deciding`: only the fields that decide what is executed, so no titles, places or size estimates.
enum class Fields { whole, deciding };

Json json_of(const Target& target);
Json json_of(const Step& step, Fields fields);
Json json_of(const Undo& undo, Fields fields);
Json json_of(const std::vector<Unproved>& unproved);
Json json_of(const std::vector<Expectation>& expectations);
Json json_of(const std::vector<ForeignCode>& foreign_code);

}  // namespace lockstep::plan
