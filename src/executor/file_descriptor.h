// Owns a POSIX file descriptor and reports errno as an exception. Used by the two files that access the file system.
#pragma once

#include <unistd.h>

#include <string>
#include <string_view>
#include <utility>

#include "support/plain_file.h"

namespace lockstep::executor {

class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  ~Descriptor() {
    if (number_ >= 0) close(number_);
  }
  Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return number_; }

 private:
  int number_;
};

// Throws std::system_error that says why it can't be read.
void require_open(const support::PlainFile& file, const std::string& path);
[[noreturn]] void throw_errno(const std::string& what);  // throws std::system_error
void write_all(int descriptor, std::string_view bytes, const std::string& what);

}  // namespace lockstep::executor
