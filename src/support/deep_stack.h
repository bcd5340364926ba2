// Runs a function on a thread with a large stack, for parsers that recurse as deeply as their text nests.
//
// Callers check a limit on the nesting first; that limit keeps the recursion within this fixed size. The system's default stack
// size varies (8 MiB, or 64 kB under `ulimit -s`), so it can't be relied on.
#pragma once

#include <cstddef>
#include <functional>

namespace lockstep::support {

// bytes of address space; the system commits memory only as the stack grows
constexpr std::size_t kDeepStack = std::size_t{256} << 20;

// Blocks until the function returns. An exception thrown by it is rethrown to the caller.
void on_deep_stack(const std::function<void()>& function);

}  // namespace lockstep::support
