#include "cli/history_document.h"

#include <cstdio>
#include <ctime>
#include <string>

namespace lockstep::cli {
namespace {

// An ISO time of the journal, in UTC with microseconds.
std::optional<std::chrono::milliseconds> parsed(const std::string& text) {
  std::tm time{};
  int fraction = 0;
  if (std::sscanf(text.c_str(), "%d-%d-%dT%d:%d:%d.%d", &time.tm_year, &time.tm_mon, &time.tm_mday, &time.tm_hour, &time.tm_min,
                  &time.tm_sec, &fraction) != 7)
    return std::nullopt;
  time.tm_year -= 1900;
  time.tm_mon -= 1;
  return std::chrono::milliseconds(static_cast<std::int64_t>(timegm(&time)) * 1000 + fraction / 1000);
}

}  // namespace

std::optional<std::chrono::milliseconds> run_time(const executor::RunRecord& run) {
  const auto start = parsed(run.started), end = parsed(run.finished);
  if (!start || !end) return std::nullopt;
  return *end - *start;
}

}  // namespace lockstep::cli
