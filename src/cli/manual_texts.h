// Parts of the documentation that the program itself shows. CMake copies them from docs/.
#pragma once

#include <string_view>

namespace lockstep::cli {

std::string_view diagnostics_markdown();  // docs/diagnostics.md
std::string_view exit_codes_markdown();   // docs/exit-codes.md

}  // namespace lockstep::cli
