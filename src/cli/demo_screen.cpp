#include "cli/demo_screen.h"

#include <fmt/format.h>

#include <thread>

#include "cli/child.h"
#include "cli/text.h"
#include "executor/interrupt.h"

namespace lockstep::cli {

using std::chrono::milliseconds;
using std::chrono::steady_clock;
using support::ExitCode;

void DemoScreen::headline(const std::string& text) const {
  console_.out("\n" + paint(console_.colour_out, Style::bold, "== " + text) + "\n\n");
}
void DemoScreen::say(const std::string& text) const {
  console_.out(text + "\n");
}
void DemoScreen::good(const std::string& text) const {
  say(paint(console_.colour_out, Style::green, text));
}
void DemoScreen::fact(const std::string& name, const std::string& value) const {
  say(fmt::format("{:<38}{}", name, value));
}

void DemoScreen::longest_wait(const LockWait& wait) const {
  constexpr std::size_t kWidth = 78;
  const bool none = wait.time.count() == 0;
  fact("longest wait for a lock of Lockstep's", none ? "none of 20 ms" : fmt::format("{} ms", wait.time.count()));
  if (none) return;
  say(cut("  for " + wait.lock, kWidth));
  say(cut("  behind " + wait.behind, kWidth));
}

std::vector<std::string> DemoScreen::arguments(std::vector<std::string> words) const {
  words.insert(words.end(), {"--env", "shop", "--config", stage_.configuration()});
  return words;
}

void DemoScreen::show(const std::vector<std::string>& words) const {
  constexpr std::size_t kWidth = 78;
  const auto quoted = [](const std::string& word) { return word.find(' ') == std::string::npos ? word : "'" + word + "'"; };
  std::vector<std::string> lines = {"$ lockstep " + words.front() + " --env shop"};
  for (std::size_t i = 1; i < words.size(); ++i) {
    std::string piece = quoted(words[i]);  // a flag stays on the line of its value
    if (words[i].starts_with("--") && i + 1 < words.size() && !words[i + 1].starts_with("--")) piece += " " + quoted(words[++i]);
    if (lines.back().size() + 1 + piece.size() > kWidth) {
      lines.back() += " \\";
      lines.emplace_back("   ");
    }
    lines.back() += " " + piece;
  }
  for (const std::string& line : lines) say(paint(console_.colour_out, Style::cyan, line));
}

void DemoScreen::command(const std::vector<std::string>& words, ExitCode expected, bool quiet) const {
  show(words);
  std::vector<std::string> all = arguments(words);
  if (quiet) all.emplace_back("--quiet");
  const int code = Child(all, quiet ? "/dev/null" : "").wait();
  stop_if_interrupted();
  expect(words.front(), code, expected);
  say("");
}

void DemoScreen::expect(const std::string& command, int code, ExitCode expected) {
  if (code == static_cast<int>(expected)) return;
  throw support::CommandError(ExitCode::failed, fmt::format("lockstep {} ended with exit code {}, expected {}", command, code,
                                                            static_cast<int>(expected)));
}

void DemoScreen::stop_if_interrupted() {
  if (executor::interrupts() > 0)
    throw support::CommandError(executor::interrupt_code(), "interrupted; the demo's database is gone");
}

void DemoScreen::pause(milliseconds time) {
  const auto end = steady_clock::now() + time;
  while (steady_clock::now() < end && executor::interrupts() == 0) std::this_thread::sleep_for(milliseconds(50));
  stop_if_interrupted();
}

}  // namespace lockstep::cli
