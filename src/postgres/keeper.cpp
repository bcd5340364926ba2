#include "postgres/keeper.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <ctime>
#include <fstream>
#include <sstream>
#ifdef __linux__
#include <sys/prctl.h>
#endif

#include "support/environment.h"
#include "support/error.h"

// Between fork and exec of a process that may have threads, only async-signal-safe calls are allowed: nothing below
// start_keeper() allocates, throws or locks.
extern char** environ;

namespace lockstep::postgres {
namespace {

constexpr int kPollMilliseconds = 500;
constexpr int kStopSeconds = 20;  // for a fast shutdown, then an immediate one

struct Files {
  int start, users, alive;
};

void sleep_milliseconds(int milliseconds) {
  timespec time{milliseconds / 1000, (milliseconds % 1000) * 1000000L};
  ::nanosleep(&time, nullptr);
}

bool ended(pid_t server) {
  return ::waitpid(server, nullptr, WNOHANG) != 0;
}

void reset_signals() {
  for (int number = 1; number < 32; ++number) ::signal(number, SIG_DFL);
  for (const int ignored : {SIGHUP, SIGINT, SIGPIPE, SIGTSTP}) ::signal(ignored, SIG_IGN);
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
}

// An inherited pipe of the parent would keep its reader waiting as long as the server runs, and inherited lock files would keep
// the parent's locks.
void close_all_but(const Files& files, int ready) {
  const long limit = ::sysconf(_SC_OPEN_MAX);
  const int end = limit > 0 && limit < 65536 ? static_cast<int>(limit) : 65536;
  for (int fd = 3; fd < end; ++fd) {
    if (fd != files.start && fd != files.users && fd != files.alive && fd != ready) ::close(fd);
  }
}

[[noreturn]] void serve(char* const* arguments, char* const* environment) {
  ::signal(SIGHUP, SIG_DFL);
  ::signal(SIGINT, SIG_DFL);
  ::signal(SIGPIPE, SIG_DFL);
  ::signal(SIGTSTP, SIG_DFL);
#ifdef __linux__
  ::prctl(PR_SET_PDEATHSIG, SIGINT);  // if the keeper is killed, the server ends too
#endif
  ::execve(arguments[0], arguments, environment);
  _exit(127);
}

void stop(pid_t server) {
  ::kill(server, SIGINT);
  for (int waited = 0; waited < kStopSeconds * 1000; waited += 50) {
    if (ended(server)) return;
    sleep_milliseconds(50);
  }
  ::kill(server, SIGQUIT);
  ::waitpid(server, nullptr, 0);
}

[[noreturn]] void keep(pid_t server, const Files& files, int idle_seconds) {
  for (int idle = 0;; sleep_milliseconds(kPollMilliseconds)) {
    if (ended(server)) _exit(0);
    const bool unused = FileLock::try_exclusive(files.users);
    if (unused) ::flock(files.users, LOCK_UN);
    idle = unused ? idle + kPollMilliseconds : 0;
    if (idle < idle_seconds * 1000 || !FileLock::try_exclusive(files.start)) continue;
    if (FileLock::try_exclusive(files.users)) {  // there is no new user: whoever starts now waits for start_lock
      stop(server);
      _exit(0);
    }
    ::flock(files.start, LOCK_UN);
    idle = 0;
  }
}

// The keeper outlives the command, and its environment is readable in /proc.
void forget_environment() {
  for (char** one = environ; *one != nullptr; ++one) std::memset(*one, 0, std::strlen(*one));
  // A variable that setenv() replaced is no longer in `environ`, but still in the initial block that /proc shows. Fields 50 and
  // 51 of stat are its addresses.
  std::ifstream file("/proc/self/stat");
  std::string stat;
  std::getline(file, stat);
  std::istringstream fields(stat.substr(std::min(stat.rfind(')'), stat.size() - 1) + 1));
  std::string skipped;
  for (int field = 3; field < 50; ++field) fields >> skipped;
  std::uintptr_t begin = 0, end = 0;
  // NOLINTNEXTLINE(performance-no-int-to-ptr)
  if (fields >> begin >> end && begin < end) std::memset(reinterpret_cast<void*>(begin), 0, end - begin);
}

[[noreturn]] void run_keeper(char* const* arguments, char* const* environment, const KeeperTask& task, const Files& files,
                             int log, int ready) {
  forget_environment();
  if (::setsid() < 0 || ::flock(files.alive, LOCK_EX | LOCK_NB) != 0 || !become(task.user) || ::chdir("/") != 0) _exit(1);
  reset_signals();
  const int null = ::open("/dev/null", O_RDONLY);
  ::dup2(null, 0);
  ::dup2(log, 1);
  ::dup2(log, 2);
  close_all_but(files, ready);
  const pid_t server = ::fork();
  if (server < 0) _exit(1);
  if (server == 0) serve(arguments, environment);
  const char started = 1;
  if (::write(ready, &started, 1) != 1) _exit(1);
  ::close(ready);
  keep(server, files, task.idle_seconds);
}

}  // namespace

void start_keeper(const KeeperTask& task) {
  const auto fail = [&](const char* what) {
    throw support::CommandError(support::ExitCode::failed,
                                std::string("cannot ") + what + " for the embedded PostgreSQL server (log: " + task.log + ")");
  };
  std::vector<char*> arguments;
  for (const std::string& argument : task.server) arguments.push_back(const_cast<char*>(argument.c_str()));
  arguments.push_back(nullptr);
  std::vector<std::string> variables = support::minimal_environment();
  const std::vector<char*> environment = support::environment_pointers(variables);

  const Files files{FileLock::open(task.start_lock), FileLock::open(task.users_lock), FileLock::open(task.alive_lock)};
  const int log = ::open(task.log.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
  int ready[2] = {-1, -1};
  if (::pipe2(ready, O_CLOEXEC) != 0) fail("make a pipe");
  const pid_t middle = ::fork();
  if (middle == 0) {
    const pid_t keeper = ::fork();  // orphaned, so that nobody has to wait for it
    if (keeper != 0) _exit(keeper < 0 ? 1 : 0);
    run_keeper(arguments.data(), environment.data(), task, files, log, ready[1]);
  }
  for (const int fd : {files.start, files.users, files.alive, log, ready[1]}) ::close(fd);
  if (middle > 0) ::waitpid(middle, nullptr, 0);
  char started = 0;
  ssize_t got = 0;
  while ((got = ::read(ready[0], &started, 1)) < 0 && errno == EINTR) continue;
  ::close(ready[0]);
  if (middle < 0 || got != 1) fail("start a process");
}

bool keeper_lives(const std::string& alive_lock) {
  const int fd = FileLock::open(alive_lock);
  if (fd < 0) return false;
  const bool lives = !FileLock::try_exclusive(fd);
  ::close(fd);
  return lives;
}

}  // namespace lockstep::postgres
