#include "fleet/line_ends.h"

#include <cctype>

namespace lockstep::fleet {
namespace {

// Where the quoted text that begins at `at` ends; `at` if none begins there. `dollars`: it is between dollars.
std::size_t end_of_quoted(std::string_view text, std::size_t at, bool& dollars) {
  dollars = text[at] == '$';
  if (text[at] == '\'' || text[at] == '"') return text.find(text[at], at + 1);
  if (!dollars) return at;
  std::size_t tag = at + 1;
  while (tag < text.size() && (std::isalnum(static_cast<unsigned char>(text[tag])) != 0 || text[tag] == '_')) ++tag;
  if (tag >= text.size() || text[tag] != '$') return at;
  const std::string_view quote = text.substr(at, tag + 1 - at);
  const std::size_t end = text.find(quote, tag + 1);
  return end == std::string_view::npos ? end : end + quote.size() - 1;
}

}  // namespace

bool has_crlf(std::string_view file) {
  const std::size_t end = file.find('\n');
  return end != std::string_view::npos && end > 0 && file[end - 1] == '\r';
}

std::string with_crlf(std::string_view printed, bool bodies) {
  std::string text;
  std::size_t kept = 0;  // up to there nothing changes
  for (std::size_t at = 0; at < printed.size(); ++at) {
    if (at >= kept) {
      bool dollars = false;
      const std::size_t end = end_of_quoted(printed, at, dollars);
      if (end == std::string_view::npos) return text + std::string(printed.substr(at));  // it ends elsewhere
      if (end > at && !(dollars && bodies)) kept = end + 1;
    }
    if (at >= kept && printed[at] == '\n' && (at == 0 || printed[at - 1] != '\r')) text += '\r';
    text += printed[at];
  }
  return text;
}

}  // namespace lockstep::fleet
