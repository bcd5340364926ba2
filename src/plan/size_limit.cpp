#include "plan/size_limit.h"

#include <array>

namespace lockstep::plan {

std::string size_text(std::int64_t bytes) {
  constexpr std::array<const char*, 5> kUnits{"B", "kB", "MB", "GB", "TB"};
  std::size_t unit = 0;
  for (; bytes >= 10240 && unit + 1 < kUnits.size(); ++unit) bytes /= 1024;
  return std::to_string(bytes) + " " + kUnits[unit];
}

}  // namespace lockstep::plan
