#include "cli/renderer.h"

#include <fmt/format.h>

#include "support/error.h"

namespace lockstep::cli {
namespace {

// "text, sql or markdown (for a pull request)"
std::string listed(const std::vector<FormatName>& formats) {
  std::string text;
  for (std::size_t i = 0; i < formats.size(); ++i) {
    text += i == 0 ? "" : i + 1 == formats.size() ? " or " : ", ";
    text += formats[i].name;
    if (!formats[i].note.empty()) text += fmt::format(" ({})", formats[i].note);
  }
  return text;
}

}  // namespace

Look look_of(const Console& console) {
  return {.colour = console.colour_out, .verbose = console.verbose, .width = console.width};
}

void declare_format(Flags app, std::string& format, const std::vector<FormatName>& formats) {
  std::vector<std::string> names;
  for (const FormatName& one : formats) names.emplace_back(one.name);
  app.option("--format", format, listed(formats)).choices(names).type("FORMAT");
}

void refuse_format(const std::string& format, const std::vector<FormatName>& formats) {
  throw support::UsageError(fmt::format("--format {}: the formats of this document are {}", format, listed(formats)));
}

void print_text(const std::string& text, bool exact, const Console& console) {
  if (exact) {
    console.exact(text);
  } else {
    console.out(text);
  }
}

}  // namespace lockstep::cli
