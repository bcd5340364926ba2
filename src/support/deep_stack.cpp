#include "support/deep_stack.h"

#include <pthread.h>

#include <cstring>
#include <exception>
#include <string>

#include "support/error.h"

namespace lockstep::support {
namespace {

struct Work {
  const std::function<void()>& function;
  std::exception_ptr failure;
};

void* work(void* argument) {
  auto& todo = *static_cast<Work*>(argument);
  try {
    todo.function();
  } catch (...) {
    todo.failure = std::current_exception();
  }
  return nullptr;
}

}  // namespace

void on_deep_stack(const std::function<void()>& function) {
  Work todo{function, nullptr};
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_t thread{};
  int failure = pthread_attr_setstacksize(&attributes, kDeepStack);
  if (failure == 0) failure = pthread_create(&thread, &attributes, work, &todo);
  pthread_attr_destroy(&attributes);
  if (failure != 0) {
    throw CommandError(ExitCode::failed, std::string("can't start a thread with a stack of 256 MiB to read schema text: ") +
                                             std::strerror(failure) + "\nNothing was touched.");
  }
  pthread_join(thread, nullptr);
  if (todo.failure) std::rethrow_exception(todo.failure);
}

}  // namespace lockstep::support
