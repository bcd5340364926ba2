#include "cli/console.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <iostream>

#include "support/error.h"
#include "support/visible.h"

namespace lockstep::cli {
namespace {

void write(std::FILE* file, std::string_view text) {
  if (std::fwrite(text.data(), 1, text.size(), file) != text.size() || std::fflush(file) != 0)
    throw support::CommandError(support::ExitCode::failed, "can't write the output (disk full, or the reader has closed it)");
}

// A broken stderr must not end a run.
void write_error(std::string_view text) {
  std::fwrite(text.data(), 1, text.size(), stderr);
  std::fflush(stderr);
}

}  // namespace

std::string paint(bool colour, Style style, std::string_view text) {
  if (!colour || style == Style::plain) return std::string(text);
  int code = 1;
  switch (style) {
    case Style::plain:
    case Style::bold:
      code = 1;
      break;
    case Style::dim:
      code = 2;
      break;
    case Style::red:
      code = 31;
      break;
    case Style::green:
      code = 32;
      break;
    case Style::yellow:
      code = 33;
      break;
    case Style::cyan:
      code = 36;
      break;
  }
  return fmt::format("\x1b[{}m{}\x1b[0m", code, text);
}

void Console::out(std::string_view text) const {
  write(stdout, support::visible_lines(text, colour_out));
}

void Console::exact(std::string_view text) const {
  write(stdout, text);
}

void Console::err(std::string_view text) const {
  write_error(support::visible_lines(text, colour_err));
}

void Console::redraw(std::string_view line) const {
  write_error("\r\x1b[K" + support::visible_lines(line, colour_err));
}

bool Console::ask(const std::string& question) const {
  err(question + " [y/N] ");
  std::string answer;
  if (!std::getline(std::cin, answer)) err("\n");
  return answer == "y" || answer == "Y" || answer == "yes";
}

std::string Console::answer(const std::string& question) const {
  err(question + " ");
  std::string answer;
  if (!std::getline(std::cin, answer)) err("\n");
  return answer;
}

Console process_console() {
  Console console;
  const char* no_color = std::getenv("NO_COLOR");
  const char* terminal = std::getenv("TERM");
  const bool colour = (no_color == nullptr || *no_color == '\0') && (terminal == nullptr || std::string_view(terminal) != "dumb");
  console.colour_out = colour && isatty(STDOUT_FILENO) != 0;
  console.colour_err = colour && isatty(STDERR_FILENO) != 0;
  console.live_progress = isatty(STDERR_FILENO) != 0;
  console.person = isatty(STDIN_FILENO) != 0 && console.live_progress;
  winsize size{};
  const int terminal_fd = isatty(STDOUT_FILENO) != 0 ? STDOUT_FILENO : STDERR_FILENO;
  if (ioctl(terminal_fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
    console.width = std::clamp<std::size_t>(size.ws_col, 40, 160);
  console.environment = [](const std::string& name) -> std::optional<std::string> {
    const char* value = std::getenv(name.c_str());
    return value == nullptr ? std::nullopt : std::optional<std::string>(value);
  };
  return console;
}

}  // namespace lockstep::cli
