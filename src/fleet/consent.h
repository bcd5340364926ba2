// The --allow flags that consent to hazards, quoted for a shell. Used by `apply` and `backup restore`.
#pragma once

#include <string>
#include <vector>

#include "plan/hazard.h"

namespace lockstep::fleet {

// The flag that consents to this hazard: "--allow 'drop-object:shop.f(integer)'".
std::string consent_flag(const plan::Hazard& hazard);
// One flag that consents to all of these, each named once: "--allow rewrite:shop.a,breaking:shop.b". Empty if there are none.
std::string consent_flags(const std::vector<plan::Hazard>& hazards);
// Throws RefusedError that names the hazards without consent and the flags of `command` that would give it.
[[noreturn]] void refuse_without_consent(const std::vector<plan::Hazard>& missing, const std::string& command);

}  // namespace lockstep::fleet
