// A test hook that is always compiled in: the process kills itself (SIGKILL) where LOCKSTEP_CRASH_AT says, so that the tests
// prove recovery on the very binary that is shipped. docs/testing.md lists the points.
#pragma once

#include <string>
#include <string_view>

namespace lockstep::executor {

// LOCKSTEP_CRASH_AT="<step id>:<point>[:<n>]": at the n-th time (1 unless said) this step passes this point.
void crash_point(const std::string& step, std::string_view point);

}  // namespace lockstep::executor
