// Ctrl-C and SIGTERM, for the whole process.
//
// The first signal ends the process at once (exit 130, 143) with one line on stderr, unless something defers it: a run that
// has begun cancels its statement, journals where it stopped, and ends by itself. The second ends the process in any case;
// then the journal says where, as after kill -9.
#pragma once

#include "support/error.h"

namespace lockstep::support {

void install_interrupt_handlers();  // SIGINT, SIGTERM; call once from main
int interrupts();                   // signals so far; safe from any thread
ExitCode interrupt_code();          // interrupted (SIGINT) or terminated (SIGTERM), by the last signal
void forget_interrupts();           // for tests

// What a signal that ends the process at once says about the state of things. `text` must live for ever: a literal.
void at_interrupt(const char* text);

// As long as one lives, the first signal is only counted.
class DeferInterrupts {
 public:
  DeferInterrupts();
  ~DeferInterrupts();
  DeferInterrupts(const DeferInterrupts&) = delete;
  DeferInterrupts& operator=(const DeferInterrupts&) = delete;
};

}  // namespace lockstep::support
