// The command line as other users of the machine see it (ps, /proc/PID/cmdline).
#pragma once

#include <string>
#include <vector>

namespace lockstep::cli {

// A copy of the arguments; in the originals, what may be a secret (the part of a URL or connection string behind its scheme or
// its password=) is overwritten with x. Until this is called it can be read: URLs belong into the environment.
std::vector<std::string> take_arguments(int argc, char** argv);

}  // namespace lockstep::cli
