#include "executor/interrupt.h"

#include <signal.h>
#include <unistd.h>

#include <atomic>

namespace lockstep::executor {

namespace {

static_assert(std::atomic<int>::is_always_lock_free, "a signal handler may touch lock-free atomics only");
std::atomic<int> count{0};
std::atomic<int> last_signal{0};

void on_signal(int number) {
  last_signal = number;
  if (++count >= 3) _exit(128 + number);
}

}  // namespace

void install_interrupt_handlers() {
  struct sigaction action = {};
  action.sa_handler = on_signal;
  sigemptyset(&action.sa_mask);
  action.sa_flags = SA_RESTART;  // a read from the server goes on; the run stops at a boundary of its own
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
}

int interrupts() {
  return count;
}

support::ExitCode interrupt_code() {
  return last_signal == SIGTERM ? support::ExitCode::terminated : support::ExitCode::interrupted;
}

void forget_interrupts() {
  count = 0;
  last_signal = 0;
}

}  // namespace lockstep::executor
