// Where one database stands, as `verify` and `status` tell it: three things apart.
//
//   drift    live against what was last applied: somebody else changed it
//   pending  what the files declare against what was last applied: the next apply's work
//   rollout  what an open run has under way: expected, and neither of the two
//
// Reads only; works without files (no `pending`) and on a database that was never applied (no `drift`).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "catalog/change.h"
#include "elaborator/options.h"
#include "executor/applied.h"
#include "executor/run_record.h"
#include "fleet/known_target.h"
#include "parser/declared.h"

namespace lockstep::fleet {

struct Status {
  plan::Target target;
  std::string wrong_target;                 // known_target.h's words; nothing below was asked then
  std::string broken_journal;               // verify_journal's words
  std::vector<executor::RunRecord> runs;    // newest first
  std::optional<executor::RunRecord> open;  // or done, and killed before it could record what it left
  std::vector<std::string> left_behind;     // by runs that were given up: the next plan takes care of it
  std::optional<executor::AppliedState> applied;
  bool drift_known = false;  // false: never applied, or recorded in a form this version can't read
  bool pending_known = false;
  std::vector<catalog::Change> drift, rollout, pending;
  std::vector<std::string> unmanaged;

  bool never_applied() const { return !applied; }
};

// `declared` may be null. Diagnostics: of the elaboration of the files.
Status status(postgres::Session& session, const Known& known, const parser::Declared* declared,
              const elaborator::Options& options, support::Diagnostics& diagnostics);

}  // namespace lockstep::fleet
