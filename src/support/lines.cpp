#include "support/lines.h"

#include "support/visible.h"

namespace lockstep::support {

std::string continued(std::string_view text) {
  constexpr std::string_view kIndent = "    ";
  std::string result;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    if (c != '\n' && c != '\r') {
      result += c;
      continue;
    }
    if (c == '\r' && text.substr(at + 1).starts_with('\n')) continue;
    result += '\n';
    if (!text.substr(at + 1).starts_with(kIndent)) result += kIndent;
  }
  return result;
}

std::string listed(const std::vector<std::string>& items) {
  std::string text;
  for (const std::string& item : items) text += "\n  " + visible(item);
  return text;
}

}  // namespace lockstep::support
