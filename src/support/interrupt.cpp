#include "support/interrupt.h"

#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <cstring>

namespace lockstep::support {
namespace {

static_assert(std::atomic<int>::is_always_lock_free, "a signal handler may touch lock-free atomics only");
std::atomic<int> count{0};
std::atomic<int> last_signal{0};
std::atomic<int> deferring{0};
std::atomic<const char*> state{""};

void say(const char* text) {
  [[maybe_unused]] const ssize_t ignored = write(STDERR_FILENO, text, std::strlen(text));
}

void on_signal(int number) {
  last_signal = number;
  if (++count == 1 && deferring > 0) return;
  say(number == SIGTERM ? "\nlockstep: interrupted by SIGTERM. " : "\nlockstep: interrupted by SIGINT. ");
  say(state);
  say("\n");
  _exit(128 + number);
}

}  // namespace

void install_interrupt_handlers() {
  struct sigaction action = {};
  action.sa_handler = on_signal;
  sigemptyset(&action.sa_mask);
  action.sa_flags = SA_RESTART;
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
}

int interrupts() {
  return count;
}

ExitCode interrupt_code() {
  return last_signal == SIGTERM ? ExitCode::terminated : ExitCode::interrupted;
}

void forget_interrupts() {
  count = 0;
  last_signal = 0;
}

void at_interrupt(const char* text) {
  state = text;
}

DeferInterrupts::DeferInterrupts() {
  ++deferring;
}

DeferInterrupts::~DeferInterrupts() {
  --deferring;
}

}  // namespace lockstep::support
