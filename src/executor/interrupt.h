// Signals, under the executor's name: a run defers them (support/interrupt.h).
#pragma once

#include "support/interrupt.h"

namespace lockstep::executor {

using support::forget_interrupts;
using support::install_interrupt_handlers;
using support::interrupt_code;
using support::interrupts;

}  // namespace lockstep::executor
