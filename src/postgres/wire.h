// Waiting on one connection to a server, so that no wait is without an end: libpq without blocking, a clock, and a second
// connection that asks whether a silent server is at work.
//
// A statement may be silent for hours (an index build) and healthy. Keepalives don't tell: a proxy answers them while the
// server is out of reach. So after a third of the limit without a byte, a probe connects to the same server and looks at
// our server process in pg_stat_activity. At work: the wait goes on. Idle, gone, or waiting for us while we wait for it: what
// was said in between is lost. Out of reach for the whole limit: the connection is given up.
//
// A signal that a run defers (support/interrupt.h) cancels the running statement; a server that doesn't answer the cancel
// request within a second is given up too.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "postgres/connect_url.h"

struct pg_conn;
struct pg_result;
struct pg_cancel;

namespace lockstep::postgres {

// LOCKSTEP_NETWORK_TIMEOUT in seconds (1 to 3600), else 30 s. Throws UsageError where it is something else.
std::chrono::milliseconds network_timeout();

// An open connection or DatabaseError{connection_lost}; libpq's own connect_timeout holds for each address, and 50 s for all.
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

  // As PQexec and PQexecParams: the last result, or the one that begins a COPY. All calls but cancel() may throw
  // DatabaseError{connection_lost}.
  ResultPtr execute(const std::string& sql);
  ResultPtr execute(const std::string& sql, const std::vector<const char*>& values);
  ResultPtr next_result();                               // as PQgetResult
  int copy_row(char** buffer);                           // as PQgetCopyData, without 0
  bool put_copy(const char* data, int size);             // false: the server has something to say about it
  void end_copy(const char* error);                      // null: all rows are sent
  void cancel();                                         // from any thread; returns after a second at the latest
  const std::string& given_up() const { return lost_; }  // why; empty: it was not

 private:
  class Probe;
  using Clock = std::chrono::steady_clock;

  void begin();        // of a statement
  bool sent(bool ok);  // flushes what was queued; false: the next result says why
  void end_unwanted(int status);
  ResultPtr last_result();
  void wait(bool to_write);
  void look_around();  // nothing has come for a moment
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
  int signals_ = 0;           // when the statement began
  bool cancel_told_ = false;  // because of a signal
  int idle_seen_ = 0;         // probes in a row that found our server process not at work
  std::string lost_;
};

}  // namespace lockstep::postgres
