// The PostgreSQL programs of this machine that elaborate.
#pragma once

#include <string>

#include "elaborator/options.h"

namespace lockstep::elaborator {

// A digest of PostgreSQL's programs here and of their extensions. It changes when one is installed or upgraded.
std::string programs_digest(const Options& options);

}  // namespace lockstep::elaborator
