#include "cli/child.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>

#include <cerrno>
#include <csignal>
#include <cstring>

#include "support/error.h"

extern char** environ;

namespace lockstep::cli {

Child::Child(const std::vector<std::string>& arguments, const std::string& output) {
  std::string self = "/proc/self/exe";
  std::vector<std::string> copy = arguments;
  std::string name = "lockstep";
  std::vector<char*> pointers = {name.data()};
  for (std::string& argument : copy) pointers.push_back(argument.data());
  pointers.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  if (!output.empty()) {
    posix_spawn_file_actions_addopen(&actions, 1, output.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
    posix_spawn_file_actions_adddup2(&actions, 1, 2);
  }
  const int error = posix_spawn(&pid_, self.c_str(), &actions, nullptr, pointers.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (error != 0) {
    pid_ = -1;
    throw support::CommandError(support::ExitCode::failed,
                                std::string("can't start lockstep once more: ") + std::strerror(error));
  }
}

Child::~Child() {
  if (pid_ < 0) return;
  kill();
  wait();
}

bool Child::running() {
  if (pid_ < 0) return false;
  const pid_t ended = waitpid(pid_, &status_, WNOHANG);
  if (ended == pid_) pid_ = -1;
  return ended == 0;
}

void Child::kill() {
  if (pid_ > 0) ::kill(pid_, SIGKILL);
}

int Child::wait() {
  while (pid_ > 0) {
    const pid_t ended = waitpid(pid_, &status_, 0);
    if (ended == pid_ || errno != EINTR) pid_ = -1;
  }
  constexpr int kSignal = 128;
  return WIFSIGNALED(status_) ? kSignal + WTERMSIG(status_) : WEXITSTATUS(status_);
}

}  // namespace lockstep::cli
