// Asks the program `git`. The repository's own configuration is not trusted to name programs: hooks and the file monitor are off.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace lockstep::fleet {

// The output, to the byte; nullopt: git has failed. `folder`: empty for the current one.
std::optional<std::string> git(const std::string& folder, const std::vector<std::string>& arguments);

}  // namespace lockstep::fleet
