// Allows one run at a time per database: a session-level advisory lock, which the server releases when the client dies.
//
// It polls pg_try_advisory_lock outside a transaction, because a waiting pg_advisory_lock would hold a snapshot that CREATE
// INDEX CONCURRENTLY of the other run waits for. Rejected alternative: a row in a table, which outlives a killed client.
#pragma once

#include <chrono>
#include <memory>

#include "executor/clock.h"
#include "session/session.h"

namespace lockstep::executor {

class RunLock {
 public:
  // Waits up to `patience` (a killed client's backend lives on for some seconds), then throws CommandError{locked} that names
  // the holder (pid, application, host, since when). After it has the lock, it waits for statements of a killed run that are
  // still running, and cancels them after 10 s, since they outlive their client.
  static std::unique_ptr<RunLock> acquire(postgres::Session& session, Clock& clock = system_clock(),
                                          std::chrono::milliseconds patience = std::chrono::milliseconds(5000));
  virtual ~RunLock() = default;
};

}  // namespace lockstep::executor
