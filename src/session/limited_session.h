// A session with a time limit that the statements can't lift.
//
// statement_timeout alone is not enough for declared code: a function may set it to 0 or catch its error. So a separate clock
// cancels statements that exceed the limit, and terminates the backend if that doesn't help.
#pragma once

#include <chrono>
#include <functional>
#include <memory>

#include "session/session.h"
#include "support/error.h"

namespace lockstep::postgres {

struct TimeLimits {
  std::chrono::milliseconds statement{60000};  // of one statement: PostgreSQL's statement_timeout
  std::chrono::milliseconds total{600000};     // of all statements of the session together
};

// `open` connects; it is called again after a backend was terminated. `end_backend` is called from another thread with the pid
// of a backend that doesn't react to being cancelled. A statement that exceeds a limit throws a DatabaseError that
// is_time_limit() recognises and whose message names the limit. The session is usable afterwards.
std::unique_ptr<Session> limit_time(std::function<std::unique_ptr<Session>()> open, std::function<void(int)> end_backend,
                                    const TimeLimits& limits);

bool is_time_limit(const support::DatabaseError::Facts& facts);

}  // namespace lockstep::postgres
