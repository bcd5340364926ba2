// The plan that undoes a run: the undo of each step that the run has done, the last step first.
#pragma once

#include <functional>
#include <set>
#include <string>
#include <string_view>

#include "elaborator/options.h"
#include "executor/run_record.h"
#include "plan/plan.h"
#include "postgres/introspect.h"
#include "session/session.h"

namespace lockstep::reconciler {

// Begins each of the plan's notes that name what it does not bring back.
inline constexpr std::string_view kNotBroughtBack = "not brought back: ";

// Called with a plan before a statement of it is run anywhere, since all of them come from the journal; throws to refuse it.
// `done`: the steps that the plan's run has done.
using Guard = std::function<void(const plan::Plan& plan, const postgres::Snapshot& live, const std::set<std::string>& done)>;

// A plan like any other; Plan::undoes names the run. `run`: the open one, or the newest that is done or was given up. Made from
// the plan in the journal and from the events of the run, without files. First come the steps that remove the run's transitional
// objects. The plan is tried on a scratch copy of the whole database, which shows that it runs; what it leads to is compared only
// when it has run (fleet/undone_run.h).
// Throws RefusedError if a step has no way back, naming each of them, or if somebody has changed since what the run did;
// CommandError{mismatch} if the journal was changed; CommandError{failed} if the plan fails on the copy. Reads only.
plan::Plan way_back(postgres::Session& target, const executor::RunRecord& run, const elaborator::Options& options,
                    const Guard& guard);

}  // namespace lockstep::reconciler
