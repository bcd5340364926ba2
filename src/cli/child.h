// Runs this program again as a child process on the same terminal, so that the demo shows what a user would see and can kill
// it.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

namespace lockstep::cli {

class Child {
 public:
  // `arguments` after the program's name. `output`: a file that gets its output instead of the terminal, such as /dev/null.
  // Throws CommandError{failed} if it can't be started.
  explicit Child(const std::vector<std::string>& arguments, const std::string& output = "");
  ~Child();  // kills it and waits, if it is still running
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
