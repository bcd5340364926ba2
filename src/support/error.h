// What ends a command. Thrown anywhere, caught once in main(), which turns it into a message and an exit code.
// Properties instead of a hierarchy: a caller asks what it can do about it (retry? in doubt?), not what class it is.
#pragma once

#include <stdexcept>
#include <string>

namespace lockstep::support {

// docs/exit-codes.md; scripts rely on the numbers.
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

// A command ends with this code; `message` says what happened, where, what state things are in and what to do next.
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
// A bug of Lockstep, never of the user's input.
struct InternalError : CommandError {
  explicit InternalError(const std::string& message) : CommandError(ExitCode::failed, "internal error: " + message) {}
};

// What a server said, with what a caller needs to decide. `position` counts characters from 1 in `statement`, 0: unknown.
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
  // Lock not available, deadlock, serialization failure: the same statement may succeed later.
  bool retryable() const;
  // The connection broke while a COMMIT was under way: the outcome must be read from the journal.
  bool in_doubt() const { return facts_.connection_lost; }

 private:
  Facts facts_;
};

}  // namespace lockstep::support
