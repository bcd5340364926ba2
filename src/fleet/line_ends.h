// The line ends of a file, for what is written into it.
#pragma once

#include <string>
#include <string_view>

namespace lockstep::fleet {

inline constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

// Whether its first line ends with CR LF.
bool has_crlf(std::string_view file);
// A text that Lockstep has printed, with CR LF. Inside of quotes nothing changes, since it would be another value; between
// dollars it does, if `bodies`: a view's query is the same, a routine's body isn't.
std::string with_crlf(std::string_view printed, bool bodies);

}  // namespace lockstep::fleet
