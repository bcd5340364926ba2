// Handling of SIGINT and SIGTERM for the whole process.
//
// The first signal ends the process at once (exit 130 or 143) and prints one line to stderr, unless a DeferInterrupts object
// exists. A run that has begun defers it: the run cancels its statement, journals where it stopped, and ends. The second signal
// always ends the process; then the journal shows where it stopped, as after kill -9.
#pragma once

#include "support/error.h"

namespace lockstep::support {

void install_interrupt_handlers();  // SIGINT and SIGTERM; call once from main
int interrupts();                   // number of signals so far; thread-safe
ExitCode interrupt_code();          // interrupted (SIGINT) or terminated (SIGTERM), by the last signal
void forget_interrupts();           // for tests

// Sets the line that is printed when a signal ends the process at once. REQUIRES: `text` is a literal or is never freed.
void at_interrupt(const char* text);

// While an object of this class exists, the first signal is only counted.
class DeferInterrupts {
 public:
  DeferInterrupts();
  ~DeferInterrupts();
  DeferInterrupts(const DeferInterrupts&) = delete;
  DeferInterrupts& operator=(const DeferInterrupts&) = delete;
};

}  // namespace lockstep::support
