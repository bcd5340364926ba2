// Which PostgreSQL elaborates on this machine.
#pragma once

#include <string>

#include "elaborator/options.h"

namespace lockstep::elaborator {

// PostgreSQL's programs here, and what extensions they have: a digest that changes when one is installed or upgraded.
std::string programs_digest(const Options& options);

}  // namespace lockstep::elaborator
