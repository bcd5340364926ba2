// This very program once more, as a child process with our terminal: what the demo shows is then what a user would see, and it
// can be killed.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

namespace lockstep::cli {

class Child {
 public:
  // `arguments` after the program's name. `quiet`: its output goes nowhere. Throws CommandError{failed} when it can't start.
  explicit Child(const std::vector<std::string>& arguments, bool quiet = false);
  ~Child();  // kills and waits, if it is still there
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  bool running();
  void kill();  // SIGKILL
  int wait();   // the exit code; 128 + signal

 private:
  pid_t pid_ = -1;
  int status_ = 0;
};

}  // namespace lockstep::cli
