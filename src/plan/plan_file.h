// The plan file: versioned JSON, described field by field in docs/plan.schema.json (JSON Schema), which the tests check
// every golden plan against. `format` is "lockstep-plan/1"; a reader refuses another major with exit 64.
// `digest` (plan.h) names what will be executed; `checksum` covers everything in the file, notes and titles too: a file edited
// by hand is refused with exit 8. Left out is Step::after, which only orders steps while a plan is made.
#pragma once

#include <string>
#include <string_view>

#include "plan/plan.h"

namespace lockstep::plan {

std::string to_json(const Plan& plan);  // indented, keys in fixed order, ends with a newline; same plan, same bytes
// Throws UsageError (not a plan, wrong version, missing field, naming it) or CommandError{mismatch} (digest differs).
Plan from_json(std::string_view text);

}  // namespace lockstep::plan
