// The state of one database, for `verify` and `status`. Three differences are kept apart:
//
//   drift    live against what was last applied: somebody else changed it
//   pending  what the files declare against what was last applied: the next apply will do it. What live has already, because it
//            was changed by hand and then written into the files, is drift until the next apply records it, and not pending.
//   rollout  the changes of an open run, which are expected and count as neither
//
// Reads only. It works without files (no `pending`) and on a database to which nothing was applied (no `drift`).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "catalog/change.h"
#include "elaborator/options.h"
#include "executor/applied.h"
#include "executor/rehearsal.h"
#include "executor/run_record.h"
#include "fleet/gate.h"
#include "fleet/hold.h"
#include "fleet/known_target.h"
#include "parser/declared.h"

namespace lockstep::fleet {

struct Status {
  plan::Target target;
  std::string wrong_target;                 // known_target.h's text; then nothing below was read
  std::string broken_journal;               // verify_journal()'s text
  std::vector<executor::RunRecord> runs;    // newest first
  std::optional<executor::RunRecord> open;  // or a run that has done all steps and was killed before it recorded the state
  std::optional<Gate> gate;                 // of `open`, if it waits at the gate
  std::vector<Gate> more_gates;             // of other runs that wait, newest first
  std::vector<Hold> holds;                  // newest first
  std::vector<std::string> left_behind;     // by runs that were given up; the next plan removes it
  executor::RehearsalAge rehearsal;         // of the backups
  std::vector<std::string> unsound;         // transitional objects of open and held runs that somebody took away or switched off
  std::optional<executor::AppliedState> applied;
  bool drift_known = false;  // false: nothing was applied, or this version can't read the record
  bool pending_known = false;
  bool every_privilege = false;  // `manage all` was applied: privileges and comments that no file states are compared too
  unsigned taken = 0;            // of `drift`, what the files say by now
  std::vector<catalog::Change> drift, rollout, pending;
  std::vector<std::string> unmanaged;

  bool never_applied() const { return !applied; }
};

// `declared` may be null. `diagnostics`: of the elaboration of the files.
Status status(postgres::Session& session, const Known& known, const parser::Declared* declared,
              const elaborator::Options& options, support::Diagnostics& diagnostics);

}  // namespace lockstep::fleet
