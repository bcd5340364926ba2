// The terminal, as an argument: what may be printed in colour, whether somebody is there to answer, how wide a line may be.
// Results go to stdout, everything else to stderr. The only code that writes to either (spdlog's sink aside).
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace lockstep::cli {

enum class Style { plain, bold, dim, red, green, yellow, cyan };
// ANSI codes around the text; the text itself where colour is off.
std::string paint(bool colour, Style style, std::string_view text);

struct Console {
  bool colour_out = false;  // stdout is a terminal that wants colour
  bool colour_err = false;
  bool person = false;         // stdin and stderr are a terminal: a question can be asked
  bool live_progress = false;  // stderr is a terminal: a line may be drawn over
  bool quiet = false;
  bool verbose = false;
  bool json_log = false;  // what goes to stderr is one JSON object a line
  std::size_t width = 80;
  std::function<std::optional<std::string>(const std::string&)> environment;

  // For people: what could be taken for more than text is escaped (support/visible.h). What is JSON stays the same JSON.
  void out(std::string_view text) const;
  void err(std::string_view text) const;
  // For programs, to the byte: SQL that is to be run, schema text that is to be kept.
  void exact(std::string_view text) const;
  // On stderr, over the line that was drawn last.
  void redraw(std::string_view line) const;
  // "question [y/N] " on stderr, one line from stdin.
  bool ask(const std::string& question) const;
};

// Reads isatty, the window size, NO_COLOR and TERM of this process.
Console process_console();

}  // namespace lockstep::cli
