// What the files want beyond the plans of open runs. What a run has done is not recorded before it ends, and what it waits for
// at a gate is its own work: neither is for the next apply.
#pragma once

#include <optional>
#include <vector>

#include "elaborator/desired.h"
#include "reconciler/beside.h"
#include "reconciler/state.h"

namespace lockstep::reconciler {

// `applied`: as recorded last; absent: nothing was. `runs`: open ones, newest first. Also a change that a run makes and the files
// don't ask for any more: the other way round, since the next apply would take it back. Where files that differ from those of the
// run also rename something, how an object that depends on it is printed is not compared.
std::vector<catalog::Change> pending_beyond(const std::vector<Waiting>& runs, const std::optional<State>& applied,
                                            const elaborator::Desired& desired, const postgres::Snapshot& live,
                                            const elaborator::Options& options);

}  // namespace lockstep::reconciler
