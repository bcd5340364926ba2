// A plan's parts as JSON values, for the plan file and for the digest. Keys in fixed order: same value, same bytes.
// Inside this room and for the journal's use of whole plans only through plan_file.h.
#pragma once

#include <nlohmann/json.hpp>

#include "plan/plan.h"

namespace lockstep::plan {

using Json = nlohmann::ordered_json;

// `whole`: every field. `deciding`: only what decides what is executed – no titles, places or size estimates.
enum class Fields { whole, deciding };

Json json_of(const Target& target);
Json json_of(const Step& step, Fields fields);
Json json_of(const std::vector<Unproved>& unproved);
Json json_of(const std::vector<Expectation>& expectations);
Json json_of(const std::vector<ForeignCode>& foreign_code);

}  // namespace lockstep::plan
