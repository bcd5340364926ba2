// Runs a function on a thread with a large stack, for parsers that recurse as deep as their text is nested.
//
// The size is fixed, so a limit on the nesting, checked before, is what keeps the recursion inside it; a stack of the system's
// default (8 MiB, or 64 kB where somebody set ulimit -s) would decide by accident.
#pragma once

#include <cstddef>
#include <functional>

namespace lockstep::support {

constexpr std::size_t kDeepStack = std::size_t{256} << 20;  // bytes of address space; memory is only used as deep as it gets

// Returns when it is done; an exception comes back to the caller.
void on_deep_stack(const std::function<void()>& function);

}  // namespace lockstep::support
