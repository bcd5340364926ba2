// What the acts of the demo have in common: its texts, and Lockstep's commands as a user would type them.
#pragma once

#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

#include "cli/console.h"
#include "cli/demo_stage.h"
#include "cli/lock_watch.h"
#include "support/error.h"

namespace lockstep::cli {

class DemoScreen {
 public:
  DemoScreen(const Console& console, std::filesystem::path schemas, const DemoStage& stage)
      : console_(console), schemas_(std::move(schemas)), stage_(stage) {}

  const Console& console() const { return console_; }
  const DemoStage& stage() const { return stage_; }
  std::string file(const std::string& name) const { return (schemas_ / name).string(); }

  void headline(const std::string& text) const;
  void say(const std::string& text) const;
  void good(const std::string& text) const;
  void fact(const std::string& name, const std::string& value) const;
  void longest_wait(const LockWait& wait) const;

  // The command line of a command on the demo's database, and that line shown.
  std::vector<std::string> arguments(std::vector<std::string> words) const;
  void show(const std::vector<std::string>& words) const;
  // Runs it as a user would, on the same terminal. Ends the demo unless the exit code is `expected`.
  void command(const std::vector<std::string>& words, support::ExitCode expected, bool quiet = false) const;
  // Throws CommandError unless the command ended as expected.
  static void expect(const std::string& command, int code, support::ExitCode expected);

  static void stop_if_interrupted();
  static void pause(std::chrono::milliseconds time);

 private:
  const Console& console_;
  std::filesystem::path schemas_;
  const DemoStage& stage_;
};

// The prefix of the application_name of Lockstep's own sessions.
inline constexpr const char* kLockstepApplication = "lockstep";

}  // namespace lockstep::cli
