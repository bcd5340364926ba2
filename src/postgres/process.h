// Running PostgreSQL's programs, as an operating system user that PostgreSQL accepts (it refuses to run as root).
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

namespace lockstep::postgres {

struct OsUser {
  std::string name;
  uid_t uid = 0;
  gid_t gid = 0;
};
// Who runs the embedded server: ourselves, or `postgres` (else `nobody`) when we are root.
OsUser server_user();

// Becomes that user for good; only in a forked child. False: not possible. Async-signal-safe.
bool become(const OsUser& user);

struct Finished {
  int status = 0;      // exit code; 128 + signal; 127: could not be started
  std::string output;  // stdout and stderr
};
// Runs a program to its end in folder "/", stdin empty, without a shell, with a minimal environment.
Finished run(const std::vector<std::string>& arguments, const OsUser& user);

// Makes the folder (and its parents) 0700 for that user. Throws CommandError when it can't, or when the folder or one above it
// belongs to somebody else or can be written to by others (but for sticky ones), who could then read or replace what we put
// there.
void make_private_folder(const std::string& path, const OsUser& user);

// An exclusive or shared lock on a file (flock): the kernel releases it when the process dies, however it dies.
class FileLock {
 public:
  enum class Mode { shared, exclusive };
  FileLock(const std::string& path, Mode mode);  // waits
  static bool try_exclusive(int fd);
  static int open(const std::string& path);  // -1: can't; close-on-exec, never through a symbolic link
  ~FileLock();
  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;

 private:
  int fd_ = -1;
};

}  // namespace lockstep::postgres
