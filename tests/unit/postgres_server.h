// The tests against a real server run on the embedded one, so they need PostgreSQL's programs and nothing else.
#pragma once

#include <catch2/catch.hpp>
#include <memory>
#include <string>

#include "postgres/embedded_server.h"
#include "postgres/scratch.h"

namespace lockstep::testing {

// Catch2 2 can't skip: says why and passes.
#define LOCKSTEP_NEEDS_POSTGRES()                                                             \
  if (lockstep::postgres::find_binaries().empty()) {                                          \
    WARN("skipped: no PostgreSQL programs on this machine (LOCKSTEP_PG_BINDIRS names them)"); \
    return;                                                                                   \
  }                                                                                           \
  static_cast<void>(0)

inline std::unique_ptr<postgres::Scratch> scratch() {
  return postgres::Scratch::create({});
}

}  // namespace lockstep::testing
