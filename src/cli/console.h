// The terminal as an argument: whether output may be coloured, whether a person can answer, how wide a line may be.
// Results go to stdout, everything else to stderr. This is the only code that writes to either (except spdlog's sink).
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace lockstep::cli {

enum class Style { plain, bold, dim, red, green, yellow, cyan };
// ANSI codes around the text; the unchanged text if colour is off.
std::string paint(bool colour, Style style, std::string_view text);

struct Console {
  bool colour_out = false;  // stdout is a terminal that wants colour
  bool colour_err = false;
  bool person = false;         // stdin and stderr are terminals: a question can be asked
  bool live_progress = false;  // stderr is a terminal: a line may be overwritten
  bool quiet = false;
  bool verbose = false;
  bool json_log = false;  // what goes to stderr is one JSON object a line
  std::size_t width = 80;
  std::function<std::optional<std::string>(const std::string&)> environment;

  // For people: escapes everything that isn't just text (support/visible.h). JSON remains the same JSON.
  void out(std::string_view text) const;
  void err(std::string_view text) const;
  // For programs, unchanged: SQL to run, schema text to store.
  void exact(std::string_view text) const;
  // On stderr, over the line drawn last.
  void redraw(std::string_view line) const;
  // Prints "question [y/N] " to stderr and reads one line from stdin.
  bool ask(const std::string& question) const;
  // Prints "question " and returns the line without its end; empty at the end of stdin.
  std::string answer(const std::string& question) const;
};

// Reads isatty, the window size, NO_COLOR and TERM of this process.
Console process_console();

}  // namespace lockstep::cli
