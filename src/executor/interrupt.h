// Ctrl-C and SIGTERM, for the whole process. First signal: the run stops at the next boundary (step, batch, pause between
// two attempts at a lock). Second: the running statement is cancelled and rolled back. Third: the process ends at once;
// the journal says where, as after kill -9.
#pragma once

#include "support/error.h"

namespace lockstep::executor {

void install_interrupt_handlers();   // SIGINT, SIGTERM; call once from the cli
int interrupts();                    // signals so far; safe from any thread
support::ExitCode interrupt_code();  // interrupted (SIGINT) or terminated (SIGTERM), by the last signal
void forget_interrupts();            // for tests

}  // namespace lockstep::executor
