// Which build of Lockstep this is.
#pragma once

#include <string>

namespace lockstep::elaborator {

// What the linker computed from the program's contents (the ELF note NT_GNU_BUILD_ID), in hexadecimal; where it wrote none, the
// SHA-256 of the program's file. Empty where that can't be read either. Computed once; thread-safe.
const std::string& build_id();

}  // namespace lockstep::elaborator
