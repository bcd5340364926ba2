// Waits for one connection to a server without ever waiting for ever: non-blocking libpq, a clock, and a second connection that
// checks whether a silent server is working.
//
// A statement may be silent for hours (an index build) and healthy. Keepalives don't help, because a proxy answers them while
// the server is out of reach. So after a third of the limit without a byte, a probe connects to the same server and looks for
// our server process in pg_stat_activity. If it is working, the wait continues. If it is idle, gone, or waiting for us while we
// wait for it, a message was lost. If the server is out of reach for the whole limit, the connection is given up.
//
// A signal that a run defers (support/interrupt.h) cancels the running statement. If the server doesn't answer the cancel
// request within a second, the connection is given up too.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "session/connect_url.h"

struct pg_conn;
struct pg_result;
struct pg_cancel;

namespace lockstep::postgres {

// LOCKSTEP_NETWORK_TIMEOUT in seconds (1 to 3600), else 30 s. Throws UsageError if it has another value.
std::chrono::milliseconds network_timeout();

// Returns an open connection or throws DatabaseError{connection_lost}. libpq's connect_timeout applies to each address, and 50
// s to all together.
pg_conn* open_connection(const ConnectOptions& options);

class Wire {
 public:
  struct Freed {
    void operator()(pg_result* result) const;
  };
  using ResultPtr = std::unique_ptr<pg_result, Freed>;

  Wire(pg_conn* connection, ConnectOptions options);  // does not own it
  ~Wire();
  Wire(const Wire&) = delete;
  Wire& operator=(const Wire&) = delete;

  // Like PQexec and PQexecParams: the last result, or the one that begins a COPY. All functions except cancel() may throw
  // DatabaseError{connection_lost}.
  ResultPtr execute(const std::string& sql);
  ResultPtr execute(const std::string& sql, const std::vector<const char*>& values);
  ResultPtr next_result();                               // like PQgetResult
  int copy_row(char** buffer);                           // like PQgetCopyData, but never 0
  bool put_copy(const char* data, int size);             // false: the server reported an error
  void end_copy(const char* error);                      // null: all rows are sent
  void cancel();                                         // thread-safe; returns after a second at the latest
  const std::string& given_up() const { return lost_; }  // the reason; empty: it was not

 private:
  class Probe;
  using Clock = std::chrono::steady_clock;

  void begin();        // at the begin of a statement
  bool sent(bool ok);  // flushes what was queued; false: the next result has the error
  void end_unwanted(int status);
  ResultPtr last_result();
  void wait(bool to_write);
  void look_around();  // called when nothing has arrived for a moment
  void heed_signals();
  void probe(Clock::time_point now);
  [[noreturn]] void give_up(const std::string& why);
  void ask_to_cancel();

  struct Cancelling;
  pg_conn* connection_;
  ConnectOptions options_;
  int process_ = 0;  // of the server, for messages
  std::shared_ptr<pg_cancel> cancel_;
  std::shared_ptr<Cancelling> cancelling_;
  std::unique_ptr<Probe> probe_;
  std::chrono::milliseconds limit_;
  Clock::time_point begun_{}, heard_{}, probed_{}, told_to_cancel_{};
  int signals_ = 0;           // count at the begin of the statement
  bool cancel_told_ = false;  // because of a signal
  int idle_seen_ = 0;         // consecutive probes that found our server process not working
  std::string lost_;
};

}  // namespace lockstep::postgres
