// What to type to consent to hazards: flags of `apply` and `backup restore` for a shell.
#pragma once

#include <string>
#include <vector>

#include "plan/hazard.h"

namespace lockstep::fleet {

// What to type to consent to this hazard: "--allow 'drop-object:shop.f(integer)'".
std::string consent_flag(const plan::Hazard& hazard);
// To all of these, each named once, as one flag: "--allow rewrite:shop.a,breaking:shop.b". Empty for none.
std::string consent_flags(const std::vector<plan::Hazard>& hazards);
// Throws RefusedError naming what is not consented to, and the flags of `command` that would.
[[noreturn]] void refuse_without_consent(const std::vector<plan::Hazard>& missing, const std::string& command);

}  // namespace lockstep::fleet
