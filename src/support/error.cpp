#include "support/error.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <string_view>

#include "support/lines.h"

namespace lockstep::support {
namespace {

constexpr std::size_t kShownStatement = 300;

// One line of the statement; nothing if it may contain a secret (CREATE USER MAPPING, CREATE SUBSCRIPTION …).
std::string shown(const std::string& statement) {
  std::string line, lower;
  for (const char c : statement) {
    const bool space = std::isspace(static_cast<unsigned char>(c)) != 0;
    if (space && (line.empty() || line.back() == ' ')) continue;
    line += space ? ' ' : c;
    lower += space ? ' ' : static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  }
  for (const std::string_view secret : {"password", "connection", "user mapping", "secret"}) {
    if (lower.find(secret) != std::string::npos) return {};
  }
  if (line.size() <= kShownStatement) return line;
  std::size_t end = kShownStatement;
  while (end > 0 && (static_cast<unsigned char>(line[end]) & 0xC0U) == 0x80U) --end;  // not inside a UTF-8 character
  return line.substr(0, end) + " …";
}

std::string for_people(const DatabaseError::Facts& facts) {
  std::string text = facts.message;
  if (!facts.sqlstate.empty()) text += " [" + facts.sqlstate + "]";
  if (!facts.detail.empty()) text += "\n  detail: " + facts.detail;
  if (!facts.hint.empty()) text += "\n  hint: " + facts.hint;
  if (!facts.context.empty()) text += "\n  context: " + facts.context;
  if (const std::string statement = shown(facts.statement); !statement.empty()) text += "\n  statement: " + statement;
  return text;
}

// The server's texts quote what others wrote: a trigger's message, a value, a name.
DatabaseError::Facts indented(DatabaseError::Facts facts) {
  for (std::string* text : {&facts.message, &facts.detail, &facts.hint, &facts.context}) *text = continued(*text);
  return facts;
}

}  // namespace

DatabaseError::DatabaseError(Facts facts) : std::runtime_error(for_people(indented(facts))), facts_(indented(std::move(facts))) {}

bool DatabaseError::retryable() const {
  static constexpr std::array<std::string_view, 3> kRetryable = {"55P03", "40P01", "40001"};
  return std::find(kRetryable.begin(), kRetryable.end(), facts_.sqlstate) != kRetryable.end();
}

}  // namespace lockstep::support
