// Runs PostgreSQL's programs as an operating system user that PostgreSQL accepts (it refuses to run as root).
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
// The user of the embedded server: the present user, or `postgres` (else `nobody`) if that is root.
OsUser server_user();

// Switches to that user for good. Returns false if that fails. Async-signal-safe. REQUIRES: called in a forked child.
bool become(const OsUser& user);

struct Finished {
  int status = 0;      // exit code; 128 + signal; 127: could not be started
  std::string output;  // stdout and stderr
};
// Runs a program to its end in folder "/", with empty stdin, without a shell, with a minimal environment.
Finished run(const std::vector<std::string>& arguments, const OsUser& user);

// Creates the folder (and its parents) with mode 0700 for that user. Throws CommandError if it can't, or if the folder or one
// above it belongs to somebody else or is writable by others (unless sticky): they could read or replace our files.
void make_private_folder(const std::string& path, const OsUser& user);

// An exclusive or shared lock on a file (flock). The kernel releases it when the process dies, in whatever way.
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
