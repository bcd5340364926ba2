// What to type to consent to hazards: flags of `apply` for a shell.
#pragma once

#include <string>
#include <vector>

#include "plan/hazard.h"

namespace lockstep::fleet {

// What to type to consent to this hazard: "--allow 'drop-object:shop.f(integer)'".
std::string consent_flag(const plan::Hazard& hazard);
// To all of these, each named once, as one flag: "--allow rewrite:shop.a,breaking:shop.b". Empty for none.
std::string consent_flags(const std::vector<plan::Hazard>& hazards);

}  // namespace lockstep::fleet
