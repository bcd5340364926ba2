// Checks that a path, with its symbolic links resolved, stays inside a folder. A stranger may have written a project's files,
// so the paths that they name must not lead out of the project.
#pragma once

#include <string>

namespace lockstep::support {

// Whether `path`, with all symbolic links resolved, is `folder` or below it. Of a path that doesn't exist, the existing part is
// resolved. An empty `folder` is the current one.
bool is_inside(const std::string& path, const std::string& folder);

}  // namespace lockstep::support
