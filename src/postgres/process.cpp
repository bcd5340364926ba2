#include "postgres/process.h"

#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>

#include "support/environment.h"
#include "support/error.h"

namespace lockstep::postgres {
namespace {

using support::CommandError;
using support::ExitCode;

[[noreturn]] void fail(const std::string& what, const std::string& path) {
  throw CommandError(ExitCode::failed, what + " " + path + ": " + std::strerror(errno));
}

[[noreturn]] void child(const std::vector<char*>& arguments, char* const* environment, const OsUser& user, int output) {
  const int null = ::open("/dev/null", O_RDONLY);
  if (::dup2(null, 0) < 0 || ::dup2(output, 1) < 0 || ::dup2(output, 2) < 0 || ::chdir("/") != 0 || !become(user)) _exit(127);
  ::execve(arguments[0], arguments.data(), environment);
  _exit(127);
}

// Debian and others have "user private groups": a group with the owner's name contains only the owner.
bool is_private_group(const struct stat& facts) {
  const passwd* owner = ::getpwuid(facts.st_uid);
  if (owner == nullptr || owner->pw_gid != facts.st_gid) return false;
  const std::string name = owner->pw_name;
  const group* its = ::getgrgid(facts.st_gid);
  return its != nullptr && name == its->gr_name && (its->gr_mem == nullptr || its->gr_mem[0] == nullptr);
}

// Whoever may rename or replace a folder on the path can substitute another one. In a sticky folder (/tmp) everybody may create
// entries, but only their owner may replace them; the next folder's owner is checked in turn.
void require_safe(const std::string& folder, const std::string& path, const OsUser& user) {
  struct stat facts {};
  if (::lstat(folder.c_str(), &facts) != 0) fail("cannot look at the folder", folder);
  const bool ours = facts.st_uid == 0 || facts.st_uid == ::geteuid() || facts.st_uid == user.uid;
  const bool link = S_ISLNK(facts.st_mode);
  const bool others = (facts.st_mode & S_IWOTH) != 0 || ((facts.st_mode & S_IWGRP) != 0 && !is_private_group(facts));
  if (ours && (link || !others || (facts.st_mode & S_ISVTX) != 0)) return;
  throw CommandError(ExitCode::failed,
                     "the cache folder " + path + " is not safe: " + folder +
                         (ours ? " can be written to by other users" : " belongs to another user") +
                         ", who could replace what Lockstep keeps there. Set LOCKSTEP_CACHE to a folder that only " + user.name +
                         " can write to (nor to any folder above it), or put that right");
}

void require_safe_parents(const std::string& path, const OsUser& user) {
  const std::string parent = path.substr(0, std::max<std::size_t>(path.rfind('/'), 1));
  std::error_code failure;
  const std::string real = std::filesystem::canonical(parent, failure).string();
  if (failure) fail("cannot look at the folder", parent);
  for (const std::string& way : {parent, real}) {
    for (std::size_t slash = way.find('/', 1); slash != std::string::npos; slash = way.find('/', slash + 1))
      require_safe(way.substr(0, slash), path, user);
    require_safe(way, path, user);
  }
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
  std::vector<std::string> variables = support::minimal_environment();
  const std::vector<char*> environment = support::environment_pointers(variables);
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) fail("cannot make a pipe for", arguments[0]);
  const pid_t pid = ::fork();
  if (pid == 0) child(pointers, environment.data(), user, ends[1]);
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
  // If we are root, the server runs as another user, who must be able to pass the parent folders, whoever creates them first.
  const mode_t parents = ::geteuid() == 0 ? 0755 : 0700;
  for (std::size_t slash = path.find('/', 1); slash != std::string::npos; slash = path.find('/', slash + 1)) {
    const std::string parent = path.substr(0, slash);
    if (::mkdir(parent.c_str(), parents) != 0 && errno != EEXIST) fail("cannot create the folder", parent);
  }
  require_safe_parents(path, user);
  if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) fail("cannot create the folder", path);
  struct stat found {};
  const auto look = [&] {
    if (::lstat(path.c_str(), &found) != 0) fail("cannot look at the folder", path);
  };
  look();
  // It belongs to root: just created, by this command or by another one that has not changed the owner yet. Both may do that.
  if (S_ISDIR(found.st_mode) && found.st_uid != user.uid && found.st_uid == ::geteuid()) {
    if (::lchown(path.c_str(), user.uid, user.gid) != 0) fail("cannot hand over the folder", path);
    look();
  }
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
