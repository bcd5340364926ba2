// A unified diff of two texts: a function's body, a view's query, a long expression.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace lockstep::cli {

// Lines that begin with "@@", " ", "-" or "+", with three lines of context around each change. Empty for equal texts. If the
// two texts are too long to compare (together more than 20,000 lines), all of one is "-" and all of the other "+".
std::vector<std::string> unified_diff(std::string_view from, std::string_view to);

}  // namespace lockstep::cli
