// The --allow flags that consent to hazards, quoted for a shell. Used by `apply` and `backup restore`.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "plan/hazard.h"

namespace lockstep::fleet {

// The flag that consents to this hazard: "--allow 'drop-object:shop.f(integer)'".
std::string consent_flag(const plan::Hazard& hazard);
// One flag that consents to all of these, each named once: "--allow rewrite:shop.a,breaking:shop.b". Empty if there are none.
std::string consent_flags(const std::vector<plan::Hazard>& hazards);
// `accepts` asks a person about each hazard that the command line doesn't consent to; it returns false if nobody can be asked.
// Throws RefusedError that names all hazards without consent and the flags of `command` that would give it.
// REQUIRES: nothing was changed by this command.
void require_consent(const std::vector<plan::Hazard>& hazards, const plan::Consent& consent, const std::string& command,
                     const std::function<bool(const plan::Hazard&)>& accepts);

}  // namespace lockstep::fleet
