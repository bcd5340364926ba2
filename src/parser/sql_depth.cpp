#include "parser/sql_depth.h"

#include <algorithm>
#include <vector>

#include "parser/literals.h"
#include "parser/sql_parse.h"

namespace lockstep::parser {
namespace {

// The position after the quoted text that begins at `at`.
std::size_t skip_quoted(std::string_view text, std::size_t at, bool backslash) {
  const char quote = text[at];
  for (++at; at < text.size(); ++at) {
    if (backslash && text[at] == '\\') {
      ++at;
    } else if (text[at] == quote) {
      if (at + 1 >= text.size() || text[at + 1] != quote) return at + 1;
      ++at;
    }
  }
  return text.size();
}

// The position after $tag$ … $tag$, or after the dollar sign if it begins no such text.
std::size_t skip_dollar(std::string_view text, std::size_t at) {
  std::size_t end = at + 1;
  while (end < text.size() && is_name(text[end])) ++end;
  if (end >= text.size() || text[end] != '$') return at + 1;
  const std::string_view tag = text.substr(at, end + 1 - at);
  const std::size_t close = text.find(tag, end + 1);
  return close == std::string_view::npos ? text.size() : close + tag.size();
}

bool sets_rows_together(std::string_view word) {
  if (word.size() < 5 || word.size() > 9) return false;
  const std::string upper = upper_case(word);
  return upper == "UNION" || upper == "INTERSECT" || upper == "EXCEPT";
}

}  // namespace

std::optional<std::size_t> deep_comment(std::string_view text, std::size_t begin, std::size_t end) {
  std::size_t depth = 0;
  for (std::size_t at = begin; at < end;) {
    const std::string_view two = text.substr(at, 2);
    if (depth == 0 && two == "--") {
      at = std::min(text.find('\n', at), end);
    } else if (two == "/*") {
      if (++depth > kDeepestComment) return at;
      at += 2;
    } else if (depth > 0 && two == "*/") {
      --depth;
      at += 2;
    } else {
      ++at;
    }
  }
  return std::nullopt;
}

std::optional<std::size_t> too_deep(std::string_view sql, std::size_t limit) {
  struct Level {
    std::size_t outside;  // levels around it
    std::size_t kept;     // its own levels that a comma doesn't end: the arms of UNION
    std::size_t chain;    // tokens since the last comma
  };
  std::vector<Level> levels{{0, 0, 0}};
  for (std::size_t at = 0; at < sql.size();) {
    const std::size_t begin = skip_blank(sql, at);
    if (const auto comment = deep_comment(sql, at, begin)) return comment;
    if (begin >= sql.size()) break;
    at = begin;
    const char c = sql[at];
    Level& now = levels.back();
    if (c == '\'' || c == '"') {
      const bool escapes = at > 0 && (sql[at - 1] == 'e' || sql[at - 1] == 'E') && (at < 2 || !is_name(sql[at - 2]));
      at = skip_quoted(sql, at, c == '\'' && escapes);
    } else if (c == '$') {
      at = skip_dollar(sql, at);
    } else if (is_name(c)) {
      while (at < sql.size() && (is_name(sql[at]) || sql[at] == '$')) ++at;
      if (sets_rows_together(sql.substr(begin, at - begin))) ++now.kept;
    } else {
      ++at;
    }
    if (c == ';' && levels.size() == 1) {
      now = {0, 0, 0};
    } else if (c == ',') {
      now.chain = 0;
    } else if (c == ')' || c == ']') {
      if (levels.size() > 1) levels.pop_back();
    } else {
      ++now.chain;
      if (now.outside + now.kept + now.chain > limit) return begin;
      if (c == '(' || c == '[') levels.push_back({now.outside + now.kept + now.chain, 0, 0});
    }
  }
  return std::nullopt;
}

}  // namespace lockstep::parser
