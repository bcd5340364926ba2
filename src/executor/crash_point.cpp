#include "executor/crash_point.h"

#include <signal.h>

#include <atomic>
#include <cstdlib>

namespace lockstep::executor {

void crash_point(const std::string& step, std::string_view point) {
  const char* wanted = std::getenv("LOCKSTEP_CRASH_AT");
  if (!wanted) return;
  const std::string here = step + ":" + std::string(point);
  const std::string_view spec(wanted);
  if (spec.substr(0, here.size()) != here) return;
  const std::string_view rest = spec.substr(here.size());
  if (!rest.empty() && rest.front() != ':') return;
  const int due = rest.empty() ? 1 : std::atoi(std::string(rest.substr(1)).c_str());
  static std::atomic<int> passed{0};  // a process crashes at one point only
  if (++passed >= due) raise(SIGKILL);
}

}  // namespace lockstep::executor
