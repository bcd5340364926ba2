// A test hook that is always compiled in: the process kills itself (SIGKILL) at the point that LOCKSTEP_CRASH_AT names, so that
// tests of recovery use the binary that is shipped. docs/testing.md lists the points.
#pragma once

#include <string>
#include <string_view>

namespace lockstep::executor {

// LOCKSTEP_CRASH_AT="<step id>:<point>[:<n>]": the n-th time (default 1) that this step reaches this point.
void crash_point(const std::string& step, std::string_view point);

}  // namespace lockstep::executor
