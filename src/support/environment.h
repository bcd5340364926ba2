// The environment that a process of ours is started with. Ours holds secrets (URLs of databases, PGPASSWORD, tokens of the build
// server) that a scratch server, where strangers' code runs, and a hook have no use for.
#pragma once

#include <string>
#include <vector>

namespace lockstep::support {

// "NAME=value" of each variable of this process that is harmless and widely needed: PATH, HOME, USER, LOGNAME, SHELL, TMPDIR, TZ,
// LANG, LANGUAGE, LC_*.
std::vector<std::string> minimal_environment();

// The pointers that execve wants, ended by null; valid as long as `variables` is not changed.
std::vector<char*> environment_pointers(std::vector<std::string>& variables);

}  // namespace lockstep::support
