#include "support/program.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>

#include "support/environment.h"

namespace lockstep::support {

namespace {

[[noreturn]] void become(const char* folder, int output, char* const* arguments, char* const* environment) {
  const int nothing = open("/dev/null", O_RDWR | O_CLOEXEC);
  if (nothing >= 0) {
    dup2(nothing, STDIN_FILENO);
    dup2(nothing, STDERR_FILENO);
  }
  dup2(output, STDOUT_FILENO);
  std::signal(SIGPIPE, SIG_DFL);
  if (*folder != '\0' && chdir(folder) != 0) _exit(127);
  execvpe(arguments[0], arguments, environment);
  _exit(127);
}

}  // namespace

ProgramResult run_program(const std::vector<std::string>& arguments, const std::string& folder) {
  std::vector<std::string> texts = arguments;
  std::vector<char*> pointers;
  for (std::string& text : texts) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  std::vector<std::string> variables = minimal_environment();
  const std::vector<char*> environment = environment_pointers(variables);
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return {127, ""};
  const pid_t child = fork();
  if (child == 0) become(folder.c_str(), ends[1], pointers.data(), environment.data());
  close(ends[1]);
  ProgramResult result;
  char buffer[4096];
  for (ssize_t got = 0; child > 0 && (got = read(ends[0], buffer, sizeof buffer)) != 0;) {
    if (got > 0) result.output.append(buffer, static_cast<std::size_t>(got));
    if (got < 0 && errno != EINTR) break;
  }
  close(ends[0]);
  if (child < 0) return {127, ""};
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  result.status = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
  return result;
}

}  // namespace lockstep::support
