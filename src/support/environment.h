// The environment variables that Lockstep gives to a child process. Its own environment contains secrets (database URLs,
// PGPASSWORD, tokens of a CI server) that a scratch server, which runs untrusted code, and a hook don't need.
#pragma once

#include <string>
#include <vector>

namespace lockstep::support {

// "NAME=value" of each of these variables of this process: PATH, HOME, USER, LOGNAME, SHELL, TMPDIR, TZ, LANG, LANGUAGE, LC_*.
std::vector<std::string> minimal_environment();

// The null-terminated array of pointers that execve() expects. It is valid as long as `variables` is not changed.
std::vector<char*> environment_pointers(std::vector<std::string>& variables);

}  // namespace lockstep::support
