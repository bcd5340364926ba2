#include "parser/literals.h"

#include <algorithm>
#include <cstdint>

namespace lockstep::parser {
namespace {

constexpr std::string_view kSpace = " \t\r\n\f\v";

void append_utf8(std::string& text, std::uint32_t point) {
  const auto put = [&](std::uint32_t byte) { text += static_cast<char>(byte); };
  if (point < 0x80) return put(point);
  if (point < 0x800) return put(0xC0 | point >> 6), put(0x80 | (point & 0x3F));
  if (point < 0x10000) return put(0xE0 | point >> 12), put(0x80 | (point >> 6 & 0x3F)), put(0x80 | (point & 0x3F));
  put(0xF0 | point >> 18), put(0x80 | (point >> 12 & 0x3F)), put(0x80 | (point >> 6 & 0x3F)), put(0x80 | (point & 0x3F));
}

// Reads up to `most` digits of `base` at `at`, and moves `at` past them.
std::optional<std::uint32_t> digits(std::string_view text, std::size_t& at, std::size_t most, std::uint32_t base) {
  std::uint32_t value = 0;
  std::size_t count = 0;
  for (; count < most && at < text.size(); ++count, ++at) {
    const char c = text[at];
    const std::uint32_t digit = c >= '0' && c <= '9'   ? static_cast<std::uint32_t>(c - '0')
                                : c >= 'a' && c <= 'f' ? static_cast<std::uint32_t>(c - 'a' + 10)
                                : c >= 'A' && c <= 'F' ? static_cast<std::uint32_t>(c - 'A' + 10)
                                                       : 99;
    if (digit >= base) break;
    value = value * base + digit;
  }
  if (count == 0) return std::nullopt;
  return value;
}

// Reads one backslash escape of an E'' text; `at` is after the backslash.
void append_escape(std::string& text, std::string_view from, std::size_t& at) {
  const char kind = from[at];
  constexpr std::string_view kLetters = "bfnrt", kMeanings = "\b\f\n\r\t";
  if (const auto letter = kLetters.find(kind); letter != std::string_view::npos) {
    text += kMeanings[letter];
    ++at;
    return;
  }
  std::size_t behind = at + 1;
  std::optional<std::uint32_t> value;
  if (kind >= '0' && kind <= '7') value = digits(from, behind = at, 3, 8);
  if (kind == 'x') value = digits(from, behind, 2, 16);
  if (kind == 'u') value = digits(from, behind, 4, 16);
  if (kind == 'U') value = digits(from, behind, 8, 16);
  if (!value) {
    text += kind;
    ++at;
    return;
  }
  if (kind == 'u' || kind == 'U') {
    append_utf8(text, *value);
  } else {
    text += static_cast<char>(*value & 0xFF);
  }
  at = behind;
}

std::string decode_escapes(std::string_view inside) {
  std::string text;
  for (std::size_t at = 0; at < inside.size();) {
    if (inside[at] == '\\' && at + 1 < inside.size()) {
      append_escape(text, inside, ++at);
    } else {
      text += inside[at];
      at += inside[at] == '\'' ? 2 : 1;
    }
  }
  return text;
}

std::string halve(std::string_view inside, char quote) {
  std::string text;
  for (std::size_t at = 0; at < inside.size(); at += inside[at] == quote ? 2 : 1) text += inside[at];
  return text;
}

}  // namespace

std::string lower_case(std::string_view text) {
  std::string result(text);
  std::transform(result.begin(), result.end(), result.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return result;
}

std::string upper_case(std::string_view text) {
  std::string result(text);
  std::transform(result.begin(), result.end(), result.begin(),
                 [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; });
  return result;
}

std::string trim(std::string_view text) {
  const std::size_t first = text.find_first_not_of(kSpace);
  if (first == std::string_view::npos) return {};
  return std::string(text.substr(first, text.find_last_not_of(kSpace) - first + 1));
}

std::string fold_name(std::string_view written) {
  if (written.size() >= 2 && written.front() == '"') return halve(written.substr(1, written.size() - 2), '"');
  std::string name;
  for (std::size_t at = 0; at < written.size();) {
    const bool variable = written.substr(at, 2) == "${";
    const std::size_t end = variable ? written.find('}', at) + 1 : at + 1;
    name += variable ? std::string(written.substr(at, end - at)) : lower_case(written.substr(at, 1));
    at = end;
  }
  return name;
}

std::optional<std::string> decode_text(std::string_view written) {
  if (written.front() == '$') {
    const std::size_t tag = written.find('$', 1) + 1;
    return std::string(written.substr(tag, written.size() - 2 * tag));
  }
  if (written.front() == '\'') return halve(written.substr(1, written.size() - 2), '\'');
  if (written.front() == 'e' || written.front() == 'E') return decode_escapes(written.substr(2, written.size() - 3));
  if (written.front() == 'n' || written.front() == 'N') return halve(written.substr(2, written.size() - 3), '\'');
  return std::nullopt;
}

bool is_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         static_cast<unsigned char>(c) >= 0x80;
}

}  // namespace lockstep::parser
