// A session whose statements have a time limit that nothing they run can lift.
//
// statement_timeout alone is not enough for declared code: a function may set it to 0, and may catch the error that it raises.
// So a clock of our own asks the server to cancel what is past the limit, and ends the backend when that doesn't help.
#pragma once

#include <chrono>
#include <functional>
#include <memory>

#include "postgres/session.h"
#include "support/error.h"

namespace lockstep::postgres {

struct TimeLimits {
  std::chrono::milliseconds statement{60000};  // of one statement: PostgreSQL's statement_timeout
  std::chrono::milliseconds total{600000};     // of all statements of the session together
};

// `open` connects; it is called again after a backend had to be ended. `end_backend` is called from another thread with the pid
// of one that doesn't react to being cancelled. A statement past a limit is a DatabaseError that is_time_limit() tells, whose
// message names the limit; the session can be used afterwards.
std::unique_ptr<Session> limit_time(std::function<std::unique_ptr<Session>()> open, std::function<void(int)> end_backend,
                                    const TimeLimits& limits);

bool is_time_limit(const support::DatabaseError::Facts& facts);

}  // namespace lockstep::postgres
