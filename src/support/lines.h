// Indents multi-line texts from elsewhere for use in a message, so that none of their lines can be mistaken for one of
// Lockstep's.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace lockstep::support {

// Indents every line but the first by at least four spaces. A carriage return also ends a line.
std::string continued(std::string_view text);

// One item a line, each preceded by a newline and two spaces. Newlines within an item are written as \n.
std::string listed(const std::vector<std::string>& items);

}  // namespace lockstep::support
