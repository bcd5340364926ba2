// Texts that somebody else wrote (names, bodies, values, what a server says) made fit to be shown: on a terminal, in a log that a
// build server reads commands from, in a comment. The one place that does it; Console and the log pass everything through here.
//
// Escaped are: control characters (a terminal obeys them), characters that change the order or the presence of what is read
// (bidirectional marks, zero-width and tag characters), and bytes that are no UTF-8. They are written as \n, \x1B or \u202E,
// which inside a JSON text is the same character.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace lockstep::support {

// On one line: line ends and tabs are escaped too.
std::string visible(std::string_view text);

// Lines stay lines and tabs stay tabs. What a build server would take for a command to it (::error …::, ##vso[…]) is not one
// afterwards. `keep_colour`: the codes that colour and bold text are made of stay.
std::string visible_lines(std::string_view text, bool keep_colour = false);

// Whether the character must not be shown as it is.
bool must_be_escaped(std::uint32_t code_point);

}  // namespace lockstep::support
