// The phase of a name: the inverse of to_string(Phase).
#pragma once

#include <optional>
#include <string_view>

#include "plan/step.h"

namespace lockstep::plan {

inline constexpr Phase kPhases[] = {Phase::expand, Phase::migrate, Phase::contract, Phase::purge};  // in their order

std::optional<Phase> phase_named(std::string_view name);  // nullopt: no phase has this name

}  // namespace lockstep::plan
