#include "cli/arguments.h"

#include <algorithm>
#include <cctype>
#include <cstring>
#include <string_view>

namespace lockstep::cli {
namespace {

// Where the secret part begins; npos: there is none. A password may follow the user's name, or be a keyword, possibly
// percent-encoded in a URL's query, so a URL that could contain one is overwritten as a whole.
std::size_t secret_begin(std::string_view text) {
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  if (const std::size_t scheme = lower.find("://"); scheme != std::string::npos) {
    const std::string_view rest = std::string_view(lower).substr(scheme + 3);
    const std::size_t at = rest.find('@');
    const bool user = at != std::string_view::npos && rest.substr(0, at).find(':') != std::string_view::npos;
    if (user || rest.find("password") != std::string_view::npos || rest.find('%') != std::string_view::npos) return scheme + 3;
    return std::string_view::npos;
  }
  const std::size_t keyword = lower.find("password");
  const std::size_t equals = keyword == std::string::npos ? keyword : lower.find('=', keyword);
  return equals == std::string::npos ? equals : equals + 1;
}

}  // namespace

std::vector<std::string> take_arguments(int argc, char** argv) {
  std::vector<std::string> copy(argv, argv + argc);
  for (int i = 1; i < argc; ++i) {
    const std::size_t begin = secret_begin(argv[i]);
    if (begin != std::string_view::npos) std::memset(argv[i] + begin, 'x', std::strlen(argv[i]) - begin);
  }
  return copy;
}

}  // namespace lockstep::cli
