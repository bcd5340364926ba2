#include "fleet/hooks.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <thread>
#include <utility>

#include "support/environment.h"
#include "support/interrupt.h"

namespace lockstep::fleet {
namespace {

constexpr std::chrono::milliseconds kPoll{20};
constexpr std::chrono::milliseconds kPatience{500};

// Computed before the fork, because the child must not allocate. `missing`: a variable that was named and is not set.
std::vector<std::string> variables(const HookFacts& facts, std::string& missing) {
  std::vector<std::string> list = support::minimal_environment();
  for (const std::string& name : facts.passed) {
    const char* const value = std::getenv(name.c_str());
    if (value == nullptr) {
      missing = name;
      continue;
    }
    std::erase_if(list, [&](const std::string& one) { return one.starts_with(name + "="); });
    list.push_back(name + "=" + value);
  }
  for (const auto& [name, value] : {std::pair{"LOCKSTEP_ENV=", &facts.environment}, std::pair{"LOCKSTEP_RUN=", &facts.run},
                                    std::pair{"LOCKSTEP_DATABASE=", &facts.database}}) {
    std::erase_if(list, [&](const std::string& one) { return one.starts_with(name); });
    list.push_back(name + *value);
  }
  return list;
}

// A file in memory, so that a hook that doesn't read it blocks nobody. -1: it can't be made.
int file_of(const std::string& text) {
  const int file = memfd_create("lockstep-hook", MFD_CLOEXEC);
  if (file < 0) return -1;
  if (write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size()) && lseek(file, 0, SEEK_SET) == 0) return file;
  close(file);
  return -1;
}

std::string text_in(int file) {
  std::string text;
  char buffer[4096];
  if (lseek(file, 0, SEEK_SET) != 0) return text;
  for (ssize_t got = 0; (got = read(file, buffer, sizeof buffer)) > 0;) text.append(buffer, static_cast<std::size_t>(got));
  return text;
}

[[noreturn]] void become(const char* folder, int input, int output, char* const* arguments, char* const* environment) {
  const int from = input >= 0 ? input : open("/dev/null", O_RDONLY | O_CLOEXEC);
  if (from >= 0) dup2(from, STDIN_FILENO);
  dup2(output, STDOUT_FILENO);
  std::signal(SIGPIPE, SIG_DFL);
  setpgid(0, 0);
  if (*folder != '\0' && chdir(folder) != 0) _exit(127);
  execve("/bin/sh", arguments, environment);
  _exit(127);
}

// Sends SIGTERM, and SIGKILL half a second later if that had no effect.
void end_group(pid_t group) {
  kill(-group, SIGTERM);
  std::this_thread::sleep_for(kPatience);
  kill(-group, SIGKILL);
}

// Its stdout goes to `output`.
std::string run(const std::string& command, const HookFacts& facts, int output) {
  std::string missing;
  std::vector<std::string> texts = variables(facts, missing);
  if (!missing.empty()) return fmt::format("the variable {}, which `hooks: environment:` names, is not set", missing);
  const std::vector<char*> environment = support::environment_pointers(texts);
  std::string shell = "sh", option = "-c", script = command;
  char* const arguments[] = {shell.data(), option.data(), script.data(), nullptr};
  const int input = file_of(facts.report);
  const pid_t child = fork();
  if (child == 0) become(facts.folder.c_str(), input, output, arguments, environment.data());
  if (input >= 0) close(input);
  if (child < 0) return fmt::format("could not be started: {}", std::strerror(errno));
  setpgid(child, child);  // the child does the same: whichever is first
  int status = 0;
  const support::DeferInterrupts deferred;
  const int signals = support::interrupts();
  for (pid_t ended = 0; (ended = waitpid(child, &status, WNOHANG)) == 0;) {
    if (support::interrupts() > signals) end_group(child);
    std::this_thread::sleep_for(kPoll);
  }
  if (errno == ECHILD) return fmt::format("could not be waited for: {}", std::strerror(errno));
  if (support::interrupts() > signals) return "interrupted";
  if (WIFSIGNALED(status)) return fmt::format("signal {}", WTERMSIG(status));
  return WEXITSTATUS(status) == 0 ? "" : fmt::format("exit {}", WEXITSTATUS(status));
}

}  // namespace

HookResult run_hook(const std::string& command, const HookFacts& facts) {
  const int output = file_of("");
  if (output < 0) return {"its output can't be kept", ""};
  HookResult result{run(command, facts, output), ""};
  result.output = text_in(output);
  close(output);
  return result;
}

std::string run_hooks(const std::vector<std::string>& commands, const HookFacts& facts) {
  for (const std::string& command : commands)
    if (const std::string failure = run(command, facts, STDERR_FILENO); !failure.empty())
      return fmt::format("\"{}\": {}", command, failure);
  return {};
}

}  // namespace lockstep::fleet
