// What somebody has done by hand to what a held run hides: removed it, renamed it, or taken the name that it is to have back.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "executor/transitional.h"
#include "fleet/rollout.h"

namespace lockstep::fleet {

// A hidden column, table or sequence, or the old column of a type change; not what guards it.
bool is_hidden_by_hold(const executor::Transitional& one);

struct MissingOfHold {
  std::set<std::string> steps;    // of `rest`, that save or drop something which isn't there
  std::vector<std::string> told;  // one line each: what is missing, under which name
};
// For a purge. `rest`: the steps of the run that aren't done. Throws RefusedError if something was renamed, or if an old column
// may have the only values of a column that is gone, or that was recreated. Reads only.
MissingOfHold missing_of_hold(postgres::Session& session, const executor::RunRecord& run, const plan::Plan& rest);

// For a purge that the plan doesn't allow in the database as it is. Throws RefusedError if that is because a column, of which the
// run keeps the old one, has got another type. Reads only.
void refuse_retyped(postgres::Session& session, const executor::RunRecord& run, const catalog::Catalog& live);

// For a rollback. Throws RefusedError, with all that was done by hand, if the run is held and can't be taken back as it would be
// from its hold. REQUIRES: nothing was changed. Reads only.
void require_whole_hold(postgres::Session& session, const executor::RunRecord& run, const Known& known);

}  // namespace lockstep::fleet
