#include "support/visible.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>

#include "support/utf8.h"

namespace lockstep::support {
namespace {

struct Range {
  std::uint32_t first, last;
};

constexpr std::array kEscaped = {
    Range{0x00, 0x1F},       Range{0x7F, 0x9F},        // control characters
    Range{0xAD, 0xAD},                                 // soft hyphen: not shown
    Range{0x34F, 0x34F},     Range{0x61C, 0x61C},      // grapheme joiner, Arabic letter mark
    Range{0x115F, 0x1160},   Range{0x17B4, 0x17B5},    // fillers without a width
    Range{0x180B, 0x180E},   Range{0x200B, 0x200F},    // zero width, left-to-right and right-to-left marks
    Range{0x2028, 0x202E},   Range{0x2060, 0x206F},    // line separators; embeddings, overrides and isolates
    Range{0x3164, 0x3164},   Range{0xFE00, 0xFE0F},    // filler, variation selectors
    Range{0xFEFF, 0xFEFF},   Range{0xFFA0, 0xFFA0},    // byte order mark, filler
    Range{0xFFF9, 0xFFFB},   Range{0x1D173, 0x1D17A},  // annotations, musical formatting
    Range{0xE0000, 0xE0FFF},                           // tags and more variation selectors
};

// The number of bytes of the first character. REQUIRES: `text` begins with valid UTF-8.
std::size_t length_of(std::string_view text) {
  const auto first = static_cast<unsigned char>(text[0]);
  return first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
}

std::uint32_t decoded(std::string_view character) {
  const auto first = static_cast<unsigned char>(character[0]);
  if (character.size() == 1) return first;
  std::uint32_t value = first & (0x7FU >> character.size());
  for (std::size_t i = 1; i < character.size(); ++i) value = value << 6U | (static_cast<unsigned char>(character[i]) & 0x3FU);
  return value;
}

std::string escaped(std::uint32_t code_point) {
  constexpr std::uint32_t kBeyond = 0x10000;
  if (code_point == '\n') return "\\n";
  if (code_point == '\r') return "\\r";
  if (code_point == '\t') return "\\t";
  if (code_point < 0x80) return fmt::format("\\x{:02X}", code_point);
  if (code_point < kBeyond) return fmt::format("\\u{:04X}", code_point);
  const std::uint32_t rest = code_point - kBeyond;
  return fmt::format("\\u{:04X}\\u{:04X}", 0xD800U + (rest >> 10U), 0xDC00U + (rest & 0x3FFU));
}

// \x1b[31m and the like: colour, bold, dim, and reset.
std::size_t colour_code(std::string_view text) {
  for (const std::string_view code : {"\x1b[0m", "\x1b[1m", "\x1b[2m", "\x1b[31m", "\x1b[32m", "\x1b[33m", "\x1b[36m"})
    if (text.starts_with(code)) return code.size();
  return 0;
}

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '_';
}

// "##[error]", "##vso[…]", "##teamcity[…]", anywhere on a line.
bool is_bracket_command(std::string_view text) {
  if (!text.starts_with("##")) return false;
  std::size_t at = 2;
  while (at < text.size() && is_letter(text[at])) ++at;
  return at < text.size() && text[at] == '[';
}

// "::error title=x::", at the begin of a line, possibly after blanks and escape sequences, which some readers skip.
bool is_colon_command(std::string_view text) {
  if (!text.starts_with("::") || text.size() < 3 || !is_letter(text[2])) return false;
  const std::string_view line = text.substr(0, text.find('\n'));
  return line.find("::", 2) != std::string_view::npos;
}

class Escaping {
 public:
  Escaping(std::string_view text, bool lines, bool keep_colour) : text_(text), lines_(lines), keep_colour_(keep_colour) {}

  std::string run() {
    result_.reserve(text_.size());
    // Validity is checked for a stretch at a time, so that a text without an invalid byte is scanned once.
    for (std::size_t begin = 0; begin < text_.size();) {
      const auto bad = invalid_utf8(text_.substr(begin));
      const std::size_t end = bad ? begin + *bad : text_.size();
      valid(begin, end);
      begin = end;
      if (!bad) break;
      result_ += fmt::format("\\x{:02X}", static_cast<unsigned char>(text_[begin++]));
      at_line_start_ = false;
    }
    return std::move(result_);
  }

 private:
  void valid(std::size_t begin, std::size_t end) {
    for (std::size_t at = begin; at < end;) {
      const std::string_view rest = text_.substr(at, end - at);
      if (const std::size_t colour = keep_colour_ ? colour_code(rest) : 0; colour > 0) {
        result_ += rest.substr(0, colour);
        at += colour;
        continue;
      }
      const std::string_view character = rest.substr(0, length_of(rest));
      one(rest, character);
      at += character.size();
    }
  }

  void one(std::string_view rest, std::string_view character) {
    const char c = character[0];
    if (lines_ && (c == '\n' || c == '\t' || rest.starts_with("\r\n"))) {
      result_ += c;
      at_line_start_ = at_line_start_ || c == '\n';
      return;
    }
    if (lines_ && ((at_line_start_ && is_colon_command(rest)) || is_bracket_command(rest))) {
      result_ += fmt::format("\\u{:04X}", static_cast<unsigned char>(c));
    } else if (const std::uint32_t value = decoded(character); must_be_escaped(value)) {
      result_ += escaped(value);
    } else {
      result_ += character;
    }
    at_line_start_ = at_line_start_ && c == ' ';
  }

  std::string_view text_;
  const bool lines_, keep_colour_;
  bool at_line_start_ = true;
  std::string result_;
};

}  // namespace

bool must_be_escaped(std::uint32_t code_point) {
  return std::any_of(kEscaped.begin(), kEscaped.end(),
                     [code_point](const Range& range) { return code_point >= range.first && code_point <= range.last; });
}

std::string visible(std::string_view text) {
  return Escaping(text, false, false).run();
}

std::string visible_lines(std::string_view text, bool keep_colour) {
  return Escaping(text, true, keep_colour).run();
}

}  // namespace lockstep::support
