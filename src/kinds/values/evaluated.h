// What role a kind plays when PostgreSQL evaluates an expression.
#pragma once

#include "kinds/kind.h"

namespace lockstep::kinds {

// Called: functions, procedures, aggregates.
bool is_routine(const KindSpec& kind);
// Has values, which run the checks and functions of everything that the type is made of.
bool is_type(const KindSpec& kind);

}  // namespace lockstep::kinds
