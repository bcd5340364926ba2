#include "cli/text_diff.h"

#include <fmt/format.h>

#include <dtl/dtl.hpp>

#include "cli/text.h"

namespace lockstep::cli {
namespace {

constexpr std::size_t kMostLines = 20000;

std::string marked(const std::pair<std::string, dtl::elemInfo>& line) {
  const char mark = line.second.type == dtl::SES_DELETE ? '-' : line.second.type == dtl::SES_ADD ? '+' : ' ';
  return mark + line.first;
}

}  // namespace

std::vector<std::string> unified_diff(std::string_view from, std::string_view to) {
  if (from == to) return {};
  const std::vector<std::string> before = lines_of(from), after = lines_of(to);
  std::vector<std::string> lines;
  if (before.size() + after.size() > kMostLines) {
    for (const std::string& line : before) lines.push_back("-" + line);
    for (const std::string& line : after) lines.push_back("+" + line);
    return lines;
  }
  dtl::Diff<std::string> diff(before, after);
  diff.compose();
  diff.composeUnifiedHunks();
  for (const auto& hunk : diff.getUniHunks()) {
    // For an empty range, a diff gives the line before it.
    lines.push_back(
        fmt::format("@@ -{},{} +{},{} @@", hunk.a - (hunk.b == 0 ? 1 : 0), hunk.b, hunk.c - (hunk.d == 0 ? 1 : 0), hunk.d));
    for (const auto& line : hunk.common[0]) lines.push_back(" " + line.first);
    for (const auto& line : hunk.change) lines.push_back(marked(line));
    for (const auto& line : hunk.common[1]) lines.push_back(" " + line.first);
  }
  return lines;
}

}  // namespace lockstep::cli
