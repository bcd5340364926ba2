// Hides secrets in the command line that other users of the machine see (ps, /proc/PID/cmdline).
#pragma once

#include <string>
#include <vector>

namespace lockstep::cli {

// Returns a copy of the arguments. In the originals it overwrites with x what may be a secret: the part of a URL or connection
// string after its scheme or its password=. Until this call they are readable, so URLs belong in the environment.
std::vector<std::string> take_arguments(int argc, char** argv);

}  // namespace lockstep::cli
