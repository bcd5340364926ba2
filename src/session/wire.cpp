#include "session/wire.h"

#include <libpq-fe.h>
#include <poll.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <condition_variable>
#include <cstdlib>
#include <future>
#include <mutex>
#include <thread>

#include "support/error.h"
#include "support/interrupt.h"

namespace lockstep::postgres {
namespace {

using std::chrono::milliseconds;
using support::DatabaseError;

constexpr milliseconds kSlice{100};
constexpr milliseconds kDefaultLimit{30000};
constexpr milliseconds kCancelPatience{800};  // so that a signal is answered within a second
constexpr milliseconds kConnectLimit{50000};  // for all addresses of all hosts

[[noreturn]] void throw_lost(const std::string& message) {
  DatabaseError::Facts facts;
  facts.message = message;
  facts.connection_lost = true;
  throw DatabaseError(std::move(facts));
}

struct Keywords {
  explicit Keywords(const ConnectOptions& options) {
    for (const auto& [keyword, value] : options) {
      names.push_back(keyword.c_str());
      values.push_back(value.c_str());
    }
    names.push_back(nullptr);
    values.push_back(nullptr);
  }
  std::vector<const char*> names, values;
};

std::string seconds(milliseconds time) {
  return std::to_string((time.count() + 500) / 1000) + " s";
}

}  // namespace

milliseconds network_timeout() {
  const char* const text = std::getenv("LOCKSTEP_NETWORK_TIMEOUT");
  if (!text || !*text) return kDefaultLimit;
  char* end = nullptr;
  const long value = std::strtol(text, &end, 10);
  if (*end != '\0' || value < 1 || value > 3600)
    throw support::UsageError("LOCKSTEP_NETWORK_TIMEOUT is a number of seconds from 1 to 3600");
  return std::chrono::seconds(value);
}

// libpq applies its time limit only in the blocking call, so that call runs in a thread. If we stop waiting, it ends by its own
// limit.
PGconn* open_connection(const ConnectOptions& options) {
  struct Shared {
    std::mutex mutex;
    std::condition_variable done;
    PGconn* connection = nullptr;
    bool finished = false, abandoned = false;
  };
  const auto shared = std::make_shared<Shared>();
  std::thread([shared, options] {
    const Keywords keywords(options);
    PGconn* const connection = PQconnectdbParams(keywords.names.data(), keywords.values.data(), 0);
    const std::lock_guard lock(shared->mutex);
    shared->connection = connection;
    shared->finished = true;
    if (shared->abandoned) PQfinish(connection);
    shared->done.notify_all();
  }).detach();
  const int signals = support::interrupts();
  const auto begun = std::chrono::steady_clock::now();
  std::unique_lock lock(shared->mutex);
  while (!shared->done.wait_for(lock, kSlice, [&] { return shared->finished; })) {
    const bool interrupted = support::interrupts() > signals;
    const bool late = std::chrono::steady_clock::now() - begun > kConnectLimit;
    if (!interrupted && !late) continue;
    shared->abandoned = true;
    throw_lost(interrupted ? "interrupted while connecting" : "no connection within " + seconds(kConnectLimit));
  }
  PGconn* const connection = shared->connection;
  if (PQstatus(connection) == CONNECTION_OK) return connection;
  const std::string message = without_secrets(connection ? PQerrorMessage(connection) : "out of memory", options);
  PQfinish(connection);
  throw_lost(message);
}

// A separate connection, advanced step by step by the wait that it serves.
class Wire::Probe {
 public:
  enum class Answer { none, unreachable, rejected, working, not_working, gone };

  Probe(const ConnectOptions& options, PGconn* ours, int process) : process_(process), begun_(Clock::now()) {
    ConnectOptions same = options;
    const auto pin = [&](const char* keyword, const char* value) {
      if (value && *value) same.emplace_back(keyword, value);
    };
    pin("host", PQhost(ours));
    pin("hostaddr", PQhostaddr(ours));
    pin("port", PQport(ours));
    pin("dbname", PQdb(ours));
    pin("target_session_attrs", "any");
    pin("application_name", "lockstep/probe");
    const Keywords keywords(same);
    connection_ = PQconnectStartParams(keywords.names.data(), keywords.values.data(), 0);
  }
  ~Probe() { PQfinish(connection_); }
  Probe(const Probe&) = delete;
  Probe& operator=(const Probe&) = delete;

  Clock::time_point begun() const { return begun_; }

  Answer step() {
    if (!connection_ || PQstatus(connection_) == CONNECTION_BAD) return failed();
    while (!connected_) {
      if (!ready()) return Answer::none;
      answered_ = answered_ || PQstatus(connection_) == CONNECTION_AWAITING_RESPONSE;
      polling_ = PQconnectPoll(connection_);
      if (polling_ == PGRES_POLLING_FAILED) return failed();
      if (polling_ != PGRES_POLLING_OK) continue;
      connected_ = true;
      PQsetnonblocking(connection_, 1);
      const std::string sql =
          "SELECT a.state OPERATOR(pg_catalog.~) '^idle' OR (a.wait_event IS NOT NULL AND a.wait_event OPERATOR(pg_catalog.~) "
          "'^Client(Read|Write)$') FROM pg_catalog.pg_stat_activity a WHERE a.pid OPERATOR(pg_catalog.=) " +
          std::to_string(process_);
      if (PQsendQuery(connection_, sql.c_str()) != 1) return failed();
    }
    PQflush(connection_);
    if (PQconsumeInput(connection_) != 1) return failed();
    if (PQisBusy(connection_)) return Answer::none;
    const ResultPtr result(PQgetResult(connection_));
    if (PQresultStatus(result.get()) != PGRES_TUPLES_OK) return Answer::rejected;
    if (PQntuples(result.get()) == 0) return Answer::gone;
    return PQgetvalue(result.get(), 0, 0)[0] == 't' ? Answer::not_working : Answer::working;
  }

 private:
  bool ready() const {
    pollfd descriptor{PQsocket(connection_), static_cast<short>(polling_ == PGRES_POLLING_READING ? POLLIN : POLLOUT), 0};
    return descriptor.fd >= 0 && poll(&descriptor, 1, 0) > 0;
  }
  // A server that refuses (too many connections) is reachable.
  Answer failed() const { return answered_ ? Answer::rejected : Answer::unreachable; }

  PGconn* connection_ = nullptr;
  int process_;
  Clock::time_point begun_;
  PostgresPollingStatusType polling_ = PGRES_POLLING_WRITING;
  bool connected_ = false, answered_ = false;
};

struct Wire::Cancelling {
  std::mutex mutex;
  std::condition_variable done;
  bool finished = false;
};

void Wire::Freed::operator()(PGresult* result) const {
  PQclear(result);
}

Wire::Wire(PGconn* connection, ConnectOptions options)
    : connection_(connection),
      options_(std::move(options)),
      process_(PQbackendPID(connection)),
      cancel_(PQgetCancel(connection), &PQfreeCancel),
      limit_(network_timeout()) {
  PQsetnonblocking(connection_, 1);
}

Wire::~Wire() = default;

Wire::ResultPtr Wire::execute(const std::string& sql) {
  begin();
  sent(PQsendQuery(connection_, sql.c_str()) == 1);
  return last_result();
}

Wire::ResultPtr Wire::execute(const std::string& sql, const std::vector<const char*>& values) {
  begin();
  sent(PQsendQueryParams(connection_, sql.c_str(), static_cast<int>(values.size()), nullptr, values.data(), nullptr, nullptr,
                         0) == 1);
  return last_result();
}

Wire::ResultPtr Wire::next_result() {
  while (PQisBusy(connection_)) {
    wait(PQflush(connection_) == 1);
    if (PQconsumeInput(connection_) != 1) break;  // PQgetResult has the reason
  }
  return ResultPtr(PQgetResult(connection_));
}

int Wire::copy_row(char** buffer) {
  heard_ = Clock::now();  // the caller may have been busy with the last row
  for (;;) {
    const int length = PQgetCopyData(connection_, buffer, 1);
    if (length != 0) return length;
    wait(false);
    if (PQconsumeInput(connection_) != 1) return -2;
  }
}

// Flushes before it returns, since libpq would otherwise keep any number of rows in memory.
bool Wire::put_copy(const char* data, int size) {
  heard_ = Clock::now();
  int taken = PQputCopyData(connection_, data, size);
  for (; taken == 0; taken = PQputCopyData(connection_, data, size)) {
    wait(true);
    if (PQconsumeInput(connection_) != 1 || PQflush(connection_) < 0) return false;
  }
  return taken > 0 && sent(true);
}

void Wire::end_copy(const char* error) {
  while (PQputCopyEnd(connection_, error) == 0) {
    wait(true);
    PQflush(connection_);
  }
  sent(true);
}

void Wire::cancel() {
  ask_to_cancel();
  std::unique_lock lock(cancelling_->mutex);
  cancelling_->done.wait_for(lock, kCancelPatience, [&] { return cancelling_->finished; });
}

// PQcancel opens a connection and waits without a time limit for the server to close it.
void Wire::ask_to_cancel() {
  const auto asking = std::make_shared<Cancelling>();
  cancelling_ = asking;
  std::thread([asking, request = cancel_] {
    std::array<char, 256> message{};
    PQcancel(request.get(), message.data(), static_cast<int>(message.size()));
    const std::lock_guard lock(asking->mutex);
    asking->finished = true;
    asking->done.notify_all();
  }).detach();
}

// A cancel request that is still under way would cancel the next statement.
void Wire::begin() {
  if (!lost_.empty()) throw_lost(lost_);
  if (cancelling_) {
    std::unique_lock lock(cancelling_->mutex);
    const bool done = cancelling_->done.wait_for(lock, kCancelPatience, [&] { return cancelling_->finished; });
    lock.unlock();
    if (!done) give_up("a cancel request was not answered");
    cancelling_.reset();
  }
  begun_ = heard_ = probed_ = Clock::now();
  signals_ = support::interrupts();
  cancel_told_ = false;
  idle_seen_ = 0;
  probe_.reset();
  for (ResultPtr left = next_result(); left; left = next_result()) end_unwanted(PQresultStatus(left.get()));
}

// Ends a COPY in a direction that the caller didn't request.
void Wire::end_unwanted(int status) {
  if (status == PGRES_COPY_IN || status == PGRES_COPY_BOTH) end_copy("not wanted");
  if (status != PGRES_COPY_OUT && status != PGRES_COPY_BOTH) return;
  char* buffer = nullptr;
  while (copy_row(&buffer) > 0) PQfreemem(buffer);
}

bool Wire::sent(bool ok) {
  int left = 0;
  while (ok && (left = PQflush(connection_)) == 1) {
    wait(true);
    ok = PQconsumeInput(connection_) == 1;
  }
  return ok && left == 0;
}

Wire::ResultPtr Wire::last_result() {
  ResultPtr last;
  for (ResultPtr result = next_result(); result; result = next_result()) {
    const ExecStatusType status = PQresultStatus(result.get());
    last = std::move(result);
    if (status == PGRES_COPY_IN || status == PGRES_COPY_OUT || status == PGRES_COPY_BOTH) break;
    if (PQstatus(connection_) == CONNECTION_BAD) break;
  }
  probe_.reset();
  return last;
}

void Wire::wait(bool to_write) {
  pollfd descriptor{PQsocket(connection_), static_cast<short>(to_write ? POLLIN | POLLOUT : POLLIN), 0};
  if (descriptor.fd < 0) return;  // closed: the next call of libpq reports it
  heed_signals();
  const int ready = poll(&descriptor, 1, static_cast<int>(kSlice.count()));
  if (ready > 0) {
    heard_ = Clock::now();
    idle_seen_ = 0;
    probe_.reset();
  } else if (ready == 0 || errno == EINTR) {
    look_around();
  }
}

void Wire::look_around() {
  const auto now = Clock::now();
  if (now - heard_ >= limit_ / 3) probe(now);
  if (now - heard_ >= limit_)
    give_up("nothing was heard from the server for " + seconds(limit_) + ", nor could a second connection reach it");
}

void Wire::heed_signals() {
  const int signals = support::interrupts();
  if (signals == 0) return;
  const auto now = Clock::now();
  if (signals == signals_) {  // begun after the signal: the final statements of a run
    if (now - begun_ > kCancelPatience) give_up("interrupted, and the server did not answer within a second");
    return;
  }
  if (!cancel_told_) {
    cancel_told_ = true;
    told_to_cancel_ = now;
    ask_to_cancel();
  } else if (now - told_to_cancel_ > kCancelPatience) {
    give_up("interrupted, and the server did not answer the cancel request within a second");
  }
}

void Wire::probe(Clock::time_point now) {
  if (!probe_) {
    if (now - std::max(heard_, probed_) < limit_ / 3) return;
    probe_ = std::make_unique<Probe>(options_, connection_, process_);
  }
  const Probe::Answer answer = probe_->step();
  if (answer == Probe::Answer::none && now - probe_->begun() < limit_ / 3) return;
  probed_ = now;
  probe_.reset();
  switch (answer) {
    case Probe::Answer::working:
      idle_seen_ = 0;
      heard_ = now;
      break;
    case Probe::Answer::rejected:
      heard_ = now;
      break;
    case Probe::Answer::not_working:
      if (++idle_seen_ >= 2) give_up("the server is there, but what it said on this connection never came, or never reached it");
      heard_ = now;
      break;
    case Probe::Answer::gone:
      give_up("the server is there, but its process for this connection is gone");
    case Probe::Answer::none:
    case Probe::Answer::unreachable:
      break;
  }
}

void Wire::give_up(const std::string& why) {
  lost_ = "the connection was given up: " + why + " (server process " + std::to_string(process_) +
          " may still be at work; it ends when it notices that this client is gone, or by SELECT pg_terminate_backend(" +
          std::to_string(process_) + "))";
  probe_.reset();
  throw_lost(lost_);
}

}  // namespace lockstep::postgres
