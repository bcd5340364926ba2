#include "support/plain_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <system_error>

#include "support/error.h"

namespace lockstep::support {
namespace {

bool is_given(const std::string& path) {
  return path == "/dev/stdin" || path.starts_with("/dev/fd/") || path.starts_with("/proc/self/fd/");
}

// The disk's fault, not that of whoever named the file.
bool is_of_the_disk(int why) {
  constexpr int kOfTheDisk[] = {ENOSPC, EDQUOT, EFBIG, EIO};
  return std::find(std::begin(kOfTheDisk), std::end(kOfTheDisk), why) != std::end(kOfTheDisk);
}

// 0, or an errno. Closes the file.
int write_and_close(int file, std::string_view text) {
  int why = 0;
  while (why == 0 && !text.empty()) {
    const ssize_t written = write(file, text.data(), text.size());
    if (written > 0) {
      text.remove_prefix(static_cast<std::size_t>(written));
    } else if (written == 0 || errno != EINTR) {
      why = written == 0 ? EIO : errno;
    }
  }
  if (close(file) != 0 && why == 0) why = errno;
  return why;
}

std::string state_of(const std::string& path) {
  struct stat facts {};
  return ::lstat(path.c_str(), &facts) == 0 ? "the file is as it was" : "the file doesn't exist";
}

// The text, in a file beside the one that it is for.
class Beside {
 public:
  Beside(const std::string& path, std::string_view text, mode_t mode) : name_(fmt::format("{}.{}.new", path, getpid())) {
    const int file = open(name_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode);
    if (file < 0) {
      const int why = errno;
      name_.clear();
      fail_to_write(path, why, state_of(path));
    }
    if (const int why = write_and_close(file, text); why != 0) {
      unlink(name_.c_str());
      fail_to_write(path, why, state_of(path));
    }
  }
  ~Beside() {
    if (!name_.empty()) unlink(name_.c_str());  // not there any more after a rename
  }
  Beside(const Beside&) = delete;
  Beside& operator=(const Beside&) = delete;
  const char* name() const { return name_.c_str(); }

 private:
  std::string name_;
};

}  // namespace

PlainFile::PlainFile(const std::string& path, bool follow_link) {
  const bool given = is_given(path);
  // A pipe is not waited for.
  descriptor_ = open(path.c_str(), O_RDONLY | O_CLOEXEC | (given ? 0 : O_NONBLOCK) | (follow_link ? 0 : O_NOFOLLOW));
  struct stat facts {};
  if (descriptor_ < 0 || fstat(descriptor_, &facts) != 0) {
    failure_ = std::strerror(errno);
  } else if (S_ISDIR(facts.st_mode)) {
    failure_ = "it is a folder";
  } else if (!given && !S_ISREG(facts.st_mode)) {
    failure_ = "it is not a plain file";
  }
}

PlainFile::~PlainFile() {
  if (descriptor_ >= 0) close(descriptor_);
}

std::string_view PlainFile::read(std::string& into) const {
  for (;;) {
    const ssize_t got = ::read(descriptor_, into.data(), into.size());
    if (got >= 0) return std::string_view(into).substr(0, static_cast<std::size_t>(got));
    if (errno != EINTR) throw std::system_error(errno, std::generic_category());
  }
}

void fail_to_write(const std::string& path, int why, std::string_view state) {
  if (!is_of_the_disk(why)) throw UsageError(fmt::format("{}: {}", path, std::strerror(why)));
  throw CommandError(ExitCode::failed, fmt::format("{} can't be written: {}; {}. Make room there, or name another place, and run "
                                                   "the command again",
                                                   path, std::strerror(why), state));
}

void replace_file(const std::string& path, std::string_view text, mode_t mode) {
  struct stat facts {};
  const bool there = ::stat(path.c_str(), &facts) == 0;
  if (there && S_ISDIR(facts.st_mode)) throw UsageError(path + ": is a folder; a file is wanted");
  if (there && !S_ISREG(facts.st_mode)) {
    const int file = open(path.c_str(), O_WRONLY | O_CLOEXEC);
    const int why = file < 0 ? errno : write_and_close(file, text);
    if (why != 0) fail_to_write(path, why, "what was written to it may be cut short");
    return;
  }
  const Beside beside(path, text, mode);
  if (std::rename(beside.name(), path.c_str()) != 0) fail_to_write(path, errno, state_of(path));
}

void make_file(const std::string& path, std::string_view text, mode_t mode) {
  struct stat facts {};
  const auto refuse = [&] { throw CommandError(ExitCode::failed, path + " is there already, and is left as it is"); };
  if (::lstat(path.c_str(), &facts) == 0) refuse();
  const Beside beside(path, text, mode);
  if (link(beside.name(), path.c_str()) == 0) return;  // where a rename would replace what has come to be meanwhile
  if (errno == EEXIST) refuse();
  fail_to_write(path, errno, state_of(path));
}

}  // namespace lockstep::support
