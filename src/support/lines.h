// Texts of somebody else's that have line ends, put into a message of several lines: none of their lines begins where a line of
// Lockstep's own would, so none can be taken for one.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace lockstep::support {

// Every line but the first is indented by at least four blanks. A carriage return ends a line too.
std::string continued(std::string_view text);

// One item a line, each after a line end and two blanks. Line ends within an item are written as \n.
std::string listed(const std::vector<std::string>& items);

}  // namespace lockstep::support
