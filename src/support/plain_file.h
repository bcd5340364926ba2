// The one place where files that a user names are opened, and where their new texts are written.
#pragma once

#include <sys/types.h>

#include <string>
#include <string_view>

namespace lockstep::support {

// An open file, or why it can't be read: "it is a folder", "it is not a plain file" (a pipe or a device would be waited for,
// maybe for ever), or what the system says. What the caller has opened itself (/dev/fd/63, /dev/stdin) may be anything.
class PlainFile {
 public:
  explicit PlainFile(const std::string& path, bool follow_link = true);
  ~PlainFile();
  PlainFile(const PlainFile&) = delete;
  PlainFile& operator=(const PlainFile&) = delete;
  const std::string& failure() const { return failure_; }  // empty: it is open
  int get() const { return descriptor_; }
  // Up to so many bytes; empty: the end. Throws std::system_error.
  std::string_view read(std::string& into) const;

 private:
  int descriptor_ = -1;
  std::string failure_;
};

// Writes a temporary file and renames it over the old one, so that a reader never sees a partial file. `mode` is of a new file,
// less the umask. What isn't a plain file (/dev/stdout, a pipe) is written to. Throws UsageError that names the path;
// CommandError{failed} if the disk is full or broken: the file is as it was.
void replace_file(const std::string& path, std::string_view text, mode_t mode = 0666);
// The same for a file that must not exist yet. Throws CommandError{failed} if it does.
void make_file(const std::string& path, std::string_view text, mode_t mode = 0666);

// Throws what replace_file does for such an errno; `state` is said of the file.
[[noreturn]] void fail_to_write(const std::string& path, int why, std::string_view state);

}  // namespace lockstep::support
