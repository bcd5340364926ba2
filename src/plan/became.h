// The name of a saved column that is not one of the table: what a value is after the plan and its way back, as record_out()
// prints it. It stands right before the column that is saved (plan::Loss::query). The value is written back only into rows that
// still have that.
#pragma once

namespace lockstep::plan {

inline constexpr const char* kBecame = "lockstep_became";

}  // namespace lockstep::plan
