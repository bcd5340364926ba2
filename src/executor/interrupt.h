// The signal functions of support/interrupt.h under the executor's name. A run defers signals.
#pragma once

#include "support/interrupt.h"

namespace lockstep::executor {

using support::forget_interrupts;
using support::install_interrupt_handlers;
using support::interrupt_code;
using support::interrupts;

}  // namespace lockstep::executor
