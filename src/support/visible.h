// Escapes texts that somebody else wrote (names, bodies, values, server messages) before they are shown on a terminal, in a log
// that a CI server reads commands from, or in a comment. Console and the log pass everything through here.
//
// Escapes control characters (a terminal obeys them), characters that reorder or hide text (bidirectional marks, zero-width and
// tag characters), and bytes that are not UTF-8. They are written as \n, \x1B or \u202E, which inside a JSON string means the
// same character.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace lockstep::support {

// For one line: newlines and tabs are escaped too.
std::string visible(std::string_view text);

// For several lines: newlines and tabs stay. Commands to a CI server (::error …::, ##vso[…]) are broken up so that it ignores
// them. `keep_colour`: keeps the escape sequences for colour and bold.
std::string visible_lines(std::string_view text, bool keep_colour = false);

// Whether the character must be escaped.
bool must_be_escaped(std::uint32_t code_point);

}  // namespace lockstep::support
