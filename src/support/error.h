// Exceptions that end a command. They are thrown anywhere and caught once, in main(), which prints the message and returns the
// exit code. They carry properties (retryable? in doubt?) instead of forming a class hierarchy.
#pragma once

#include <stdexcept>
#include <string>

namespace lockstep::support {

// The codes of docs/exit-codes.md. Scripts depend on these numbers, so they never change.
enum class ExitCode : int {
  done = 0,
  failed = 1,
  changes = 2,
  refused = 3,
  stale = 4,
  locked = 5,
  gate = 6,
  partial = 7,
  mismatch = 8,
  usage = 64,
  interrupted = 130,
  terminated = 143,
};

// Ends a command with this code. `message` says what happened, where, what state things are in and what to do next.
class CommandError : public std::runtime_error {
 public:
  CommandError(ExitCode code, const std::string& message) : std::runtime_error(message), code_(code) {}
  ExitCode code() const { return code_; }

 private:
  ExitCode code_;
};

struct UsageError : CommandError {
  explicit UsageError(const std::string& message) : CommandError(ExitCode::usage, message) {}
};
struct RefusedError : CommandError {
  explicit RefusedError(const std::string& message) : CommandError(ExitCode::refused, message) {}
};
// A bug in Lockstep. A user's input must never cause it.
struct InternalError : CommandError {
  explicit InternalError(const std::string& message) : CommandError(ExitCode::failed, "internal error: " + message) {}
};

// An error that a server reported. `position` counts characters of `statement` from 1; 0: unknown.
class DatabaseError : public std::runtime_error {
 public:
  struct Facts {
    std::string sqlstate;  // empty: the connection itself failed
    std::string message;
    std::string detail;
    std::string hint;
    std::string context;
    std::string statement;
    int position = 0;
    bool connection_lost = false;
  };
  explicit DatabaseError(Facts facts);
  const Facts& facts() const { return facts_; }
  const std::string& sqlstate() const { return facts_.sqlstate; }
  // Whether the same statement may succeed later: lock not available, deadlock or serialization failure.
  bool retryable() const;
  // The connection broke, possibly during a COMMIT: the caller must read the outcome from the journal.
  bool in_doubt() const { return facts_.connection_lost; }

 private:
  Facts facts_;
};

}  // namespace lockstep::support
