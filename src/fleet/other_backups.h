// `backup: also:` of an environment: backups that others make (pgBackRest, a provider's branch), before a run changes anything.
#pragma once

#include <string>
#include <vector>

#include "fleet/hooks.h"
#include "session/session.h"

namespace lockstep::fleet {

// Runs each command as a hook is run, and returns what is journalled of it: "ARTEFACT (COMMAND), restore point NAME". The
// artefact is the last line that the command prints: the id of what it has made. The restore point is named for the run, where
// the role may make one. Throws CommandError{failed}, nothing changed, if a command fails or names no artefact.
std::vector<std::string> back_up_also(const std::vector<std::string>& commands, const HookFacts& facts,
                                      postgres::Session& session);

}  // namespace lockstep::fleet
