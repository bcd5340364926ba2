// The role of a kind when PostgreSQL evaluates an expression.
#pragma once

#include "kinds/kind.h"

namespace lockstep::kinds {

// Whether it can be called: functions, procedures, aggregates.
bool is_routine(const KindSpec& kind);
// Whether it has values. These run the checks and functions of everything that the type is made of.
bool is_type(const KindSpec& kind);

}  // namespace lockstep::kinds
