// What contract would lose without a word: attributes, privileges, comments and dependents of columns whose successors take their
// places, of the sequences that these columns own, and of second names that go (docs/adr/0026).
//
// The shape of a relation (relation_shape.h) has names and types only, and the plan knows nothing of what nobody had declared. So
// the journal keeps how all this was when the run began and when it came to the gate, and contract begins only if it is so still.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "executor/journal.h"
#include "plan/plan.h"
#include "session/session.h"

namespace lockstep::executor {

// What is at stake in the contract steps that are not done, each with a digest of its value; empty: nothing. One query.
std::map<std::string, std::string> at_stake(postgres::Session& session, const plan::Plan& plan,
                                            const std::map<std::string, StepState>& states);
// Puts that into the detail of event run_started or gate.
void note_at_stake(Json& detail, const std::map<std::string, std::string>& stake);

// What was changed by others since: against the record of the gate, where the run stood still, and against that of its beginning
// without what its own steps have changed. One line each, for people. Reads only.
std::vector<std::string> moved_at_stake(postgres::Session& session, const std::string& run, const plan::Plan& plan,
                                        const std::map<std::string, StepState>& states);

}  // namespace lockstep::executor
