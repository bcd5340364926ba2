// Where a path leads, links resolved: what a project's files name must not lead out of the project, whose author may be a
// stranger.
#pragma once

#include <string>

namespace lockstep::support {

// Whether `path`, with every link on its way resolved, is `folder` or below it. A path that doesn't exist is resolved as far as
// it does. An empty folder is the current one.
bool is_inside(const std::string& path, const std::string& folder);

}  // namespace lockstep::support
