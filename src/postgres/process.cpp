#include "postgres/process.h"

#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "support/error.h"

namespace lockstep::postgres {
namespace {

using support::CommandError;
using support::ExitCode;

[[noreturn]] void fail(const std::string& what, const std::string& path) {
  throw CommandError(ExitCode::failed, what + " " + path + ": " + std::strerror(errno));
}

[[noreturn]] void child(const std::vector<char*>& arguments, const OsUser& user, int output) {
  const int null = ::open("/dev/null", O_RDONLY);
  if (::dup2(null, 0) < 0 || ::dup2(output, 1) < 0 || ::dup2(output, 2) < 0 || ::chdir("/") != 0 || !become(user)) _exit(127);
  ::execv(arguments[0], arguments.data());
  _exit(127);
}

}  // namespace

OsUser server_user() {
  const auto look_up = [](const passwd* entry) { return OsUser{entry->pw_name, entry->pw_uid, entry->pw_gid}; };
  if (::geteuid() != 0) {
    const passwd* self = ::getpwuid(::geteuid());
    return self ? look_up(self) : OsUser{std::to_string(::geteuid()), ::geteuid(), ::getegid()};
  }
  for (const char* name : {"postgres", "nobody"}) {
    if (const passwd* entry = ::getpwnam(name)) return look_up(entry);
  }
  throw CommandError(ExitCode::failed,
                     "PostgreSQL refuses to run as root, and there is neither a user postgres nor nobody to run it as: create "
                     "one (useradd --system postgres) or run Lockstep as another user");
}

bool become(const OsUser& user) {
  if (::geteuid() == user.uid) return true;
  return ::setgroups(1, &user.gid) == 0 && ::setgid(user.gid) == 0 && ::setuid(user.uid) == 0;
}

Finished run(const std::vector<std::string>& arguments, const OsUser& user) {
  std::vector<char*> pointers;
  for (const std::string& argument : arguments) pointers.push_back(const_cast<char*>(argument.c_str()));
  pointers.push_back(nullptr);
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) fail("cannot make a pipe for", arguments[0]);
  const pid_t pid = ::fork();
  if (pid == 0) child(pointers, user, ends[1]);
  ::close(ends[1]);
  if (pid < 0) fail("cannot start", arguments[0]);

  Finished finished;
  std::array<char, 4096> buffer{};
  for (ssize_t got = 0; (got = ::read(ends[0], buffer.data(), buffer.size())) != 0;) {
    if (got > 0) finished.output.append(buffer.data(), static_cast<std::size_t>(got));
    if (got < 0 && errno != EINTR) break;
  }
  ::close(ends[0]);
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) continue;
  finished.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return finished;
}

void make_private_folder(const std::string& path, const OsUser& user) {
  for (std::size_t slash = path.find('/', 1); slash != std::string::npos; slash = path.find('/', slash + 1)) {
    const std::string parent = path.substr(0, slash);
    if (::mkdir(parent.c_str(), 0755) != 0 && errno != EEXIST) fail("cannot create the folder", parent);
  }
  if (::mkdir(path.c_str(), 0700) == 0) {
    if (::geteuid() != user.uid && ::lchown(path.c_str(), user.uid, user.gid) != 0) fail("cannot hand over the folder", path);
  } else if (errno != EEXIST) {
    fail("cannot create the folder", path);
  }
  struct stat found {};
  if (::lstat(path.c_str(), &found) != 0) fail("cannot look at the folder", path);
  if (!S_ISDIR(found.st_mode) || found.st_uid != user.uid || (found.st_mode & 0022) != 0) {
    throw CommandError(ExitCode::failed, path + " is not a folder of the user " + user.name +
                                             " that only it may write to: remove it, or set LOCKSTEP_CACHE to another folder");
  }
}

int FileLock::open(const std::string& path) {
  return ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
}

bool FileLock::try_exclusive(int fd) {
  return ::flock(fd, LOCK_EX | LOCK_NB) == 0;
}

FileLock::FileLock(const std::string& path, Mode mode) : fd_(open(path)) {
  if (fd_ < 0) fail("cannot open the lock file", path);
  while (::flock(fd_, mode == Mode::shared ? LOCK_SH : LOCK_EX) != 0) {
    if (errno != EINTR) fail("cannot lock", path);
  }
}

FileLock::~FileLock() {
  ::close(fd_);
}

}  // namespace lockstep::postgres
