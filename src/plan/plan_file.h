// The plan file: versioned JSON. docs/plan.schema.json (JSON Schema) describes every field, and the tests validate every golden
// plan against it. `format` is "lockstep-plan/1"; from_json() refuses another major version (exit 64).
// `digest` (plan.h) identifies what will be executed. `checksum` covers the whole file, including notes and titles, so that a
// file edited by hand is refused (exit 8). DataCheck::alone is not written: it is for the planner only.
#pragma once

#include <string>
#include <string_view>

#include "plan/plan.h"

namespace lockstep::plan {

std::string to_json(const Plan& plan);  // indented, keys in fixed order, newline at the end; equal plans give equal bytes
// Throws UsageError if the text is not a plan, has another version or lacks a field (the message names it), and
// CommandError{mismatch} if the digest or the checksum differs.
Plan from_json(std::string_view text);

}  // namespace lockstep::plan
