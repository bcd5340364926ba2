// The real connection. libpqxx owns it, but statements run through libpq on the same handle, because libpqxx 6 provides neither
// the position, detail, hint and context of an error nor the SQLSTATE of a notice, and can't COPY a query. For the same reason
// its automatic reconnecting (which would lose locks and settings) never happens.
#include <libpq-fe.h>

#include <array>
#include <pqxx/connection_base>
#include <pqxx/connectionpolicy>
#include <pqxx/except>

#include "session/connect_url.h"
#include "session/pooler.h"
#include "session/session.h"
#include "session/text_settings.h"
#include "session/wire.h"
#include "support/error.h"
#include "support/sql_text.h"

namespace lockstep::postgres {
namespace {

using support::DatabaseError;
using ResultPtr = Wire::ResultPtr;

std::string field(const PGresult* result, int code) {
  const char* text = PQresultErrorField(result, code);
  return text ? text : "";
}

class PqRows : public Rows {
 public:
  explicit PqRows(ResultPtr result) : result_(std::move(result)) {}
  std::size_t size() const override { return static_cast<std::size_t>(PQntuples(result_.get())); }
  std::size_t columns() const override { return static_cast<std::size_t>(PQnfields(result_.get())); }
  std::string_view column_name(std::size_t column) const override { return PQfname(result_.get(), static_cast<int>(column)); }
  std::optional<std::string_view> at(std::size_t row, std::size_t column) const override {
    const int r = static_cast<int>(row), c = static_cast<int>(column);
    if (PQgetisnull(result_.get(), r, c)) return std::nullopt;
    return std::string_view(PQgetvalue(result_.get(), r, c), static_cast<std::size_t>(PQgetlength(result_.get(), r, c)));
  }

 private:
  ResultPtr result_;
};

// Gives libpqxx a connection that is already open, which libpqxx then closes.
class HandOver : public pqxx::connectionpolicy {
 public:
  explicit HandOver(PGconn* connection) : pqxx::connectionpolicy(std::string()), connection_(connection) {}
  handle do_startconnect(handle) override { return connection_; }
  handle do_completeconnect(handle) override { return connection_; }

 private:
  PGconn* connection_;
};

class OwnedConnection : public pqxx::connection_base {
 public:
  explicit OwnedConnection(PGconn* connection) : connection_base(policy_), policy_(connection) { init(); }
  ~OwnedConnection() { close(); }
  OwnedConnection(const OwnedConnection&) = delete;
  OwnedConnection& operator=(const OwnedConnection&) = delete;

 private:
  HandOver policy_;
};

constexpr std::size_t kKeptNotices = 10000;  // a DO block may raise millions; the newest are kept

class PqxxSession : public Session {
 public:
  PqxxSession(PGconn* connection, const ConnectOptions& options, std::string url, std::string application)
      : connection_(connection),
        owner_(connection),
        wire_(connection, options),
        url_(std::move(url)),
        application_(std::move(application)) {
    PQsetNoticeReceiver(connection_, &PqxxSession::on_notice, this);
  }

  Result run(Text sql) override {
    const std::string statement = checked(sql.view());
    return rows(wire_.execute(statement), statement);
  }

  Result run(Text sql, const Parameters& parameters) override {
    const std::string statement = checked(sql.view());
    std::vector<const char*> values;
    values.reserve(parameters.size());
    for (const auto& parameter : parameters) values.push_back(parameter ? parameter->c_str() : nullptr);
    return rows(wire_.execute(statement, values), statement);
  }

  std::int64_t run_copy_out(Text copy, const std::function<void(std::string_view)>& sink) override {
    const std::string statement = start_copy(copy.view(), PGRES_COPY_OUT);
    std::int64_t count = 0;
    for (;;) {
      char* buffer = nullptr;
      const int length = wire_.copy_row(&buffer);
      if (length <= 0) break;
      const std::unique_ptr<char, decltype(&PQfreemem)> owned(buffer, &PQfreemem);
      ++count;
      try {
        sink(std::string_view(buffer, static_cast<std::size_t>(length)));
      } catch (...) {
        cancel();
        discard();
        throw;
      }
    }
    finish(statement);
    return count;
  }

  std::int64_t run_copy_in(Text copy, const std::function<std::string()>& source) override {
    const std::string statement = start_copy(copy.view(), PGRES_COPY_IN);
    for (;;) {
      std::string piece;
      try {
        piece = source();
      } catch (...) {
        wire_.end_copy("the source of the rows failed");
        discard();
        throw;
      }
      if (piece.empty()) break;
      if (!wire_.put_copy(piece.data(), static_cast<int>(piece.size()))) break;  // finish() has the reason
    }
    wire_.end_copy(nullptr);
    return finish(statement);
  }

  std::vector<Notice> take_notices() override { return std::exchange(notices_, {}); }
  int server_version() const override { return PQserverVersion(connection_); }
  int backend_pid() const override { return PQbackendPID(connection_); }
  std::unique_ptr<Session> beside() const override {
    try {
      return connect(url_, application_);
    } catch (const std::exception&) {  // no connection is left for it, say
      return nullptr;
    }
  }
  bool connected() const override { return !lost_ && wire_.given_up().empty() && PQstatus(connection_) == CONNECTION_OK; }
  void cancel() override { wire_.cancel(); }

  void pin_settings(const std::string& application);

 private:
  static void on_notice(void* self, const PGresult* result) {
    auto& notices = static_cast<PqxxSession*>(self)->notices_;
    if (notices.size() >= kKeptNotices) notices.erase(notices.begin(), notices.begin() + kKeptNotices / 2);
    notices.push_back(
        {field(result, PG_DIAG_SEVERITY_NONLOCALIZED), field(result, PG_DIAG_SQLSTATE), field(result, PG_DIAG_MESSAGE_PRIMARY)});
  }

  // libpq takes C strings: text after a NUL would silently not run.
  static std::string checked(std::string_view sql) {
    if (sql.find('\0') != std::string_view::npos) throw support::InternalError("a statement contains a NUL byte");
    return std::string(sql);
  }

  Result rows(ResultPtr result, const std::string& statement) {
    switch (PQresultStatus(result.get())) {
      case PGRES_TUPLES_OK:
        return Result(std::make_shared<PqRows>(std::move(result)));
      case PGRES_COMMAND_OK:
        return Result(std::strtoll(PQcmdTuples(result.get()), nullptr, 10));
      case PGRES_EMPTY_QUERY:
        return Result();
      case PGRES_COPY_IN:
      case PGRES_COPY_OUT:
      case PGRES_COPY_BOTH:
        throw support::InternalError("COPY … STDIN or STDOUT was run as a plain statement: " + statement);
      default:
        throw_error(result.get(), statement);
    }
  }

  std::string start_copy(std::string_view copy_sql, ExecStatusType expected) {
    std::string statement = checked(copy_sql);
    const ResultPtr result = wire_.execute(statement);
    const ExecStatusType status = PQresultStatus(result.get());
    if (status == PGRES_FATAL_ERROR || status == PGRES_BAD_RESPONSE || !result) throw_error(result.get(), statement);
    if (status != expected) throw support::InternalError("not a COPY in the asked direction: " + statement);
    return statement;
  }

  // Discards what the server still sends of a COPY that was given up.
  void discard() {
    char* buffer = nullptr;
    while (wire_.copy_row(&buffer) > 0) PQfreemem(buffer);
    while (wire_.next_result()) continue;
  }

  // Reads the end of a COPY. Returns the number of rows that the server counted.
  std::int64_t finish(const std::string& statement) {
    std::int64_t count = 0;
    ResultPtr failure;
    for (ResultPtr result = wire_.next_result(); result; result = wire_.next_result()) {
      if (PQresultStatus(result.get()) == PGRES_COMMAND_OK) {
        count = std::strtoll(PQcmdTuples(result.get()), nullptr, 10);
      } else if (!failure) {
        failure = std::move(result);
      }
      if (PQstatus(connection_) != CONNECTION_OK) break;
    }
    if (failure || PQstatus(connection_) != CONNECTION_OK) throw_error(failure.get(), statement);
    return count;
  }

  [[noreturn]] void throw_error(const PGresult* result, const std::string& statement) {
    DatabaseError::Facts facts;
    facts.statement = statement;
    facts.sqlstate = field(result, PG_DIAG_SQLSTATE);
    facts.message = field(result, PG_DIAG_MESSAGE_PRIMARY);
    facts.detail = field(result, PG_DIAG_MESSAGE_DETAIL);
    facts.hint = field(result, PG_DIAG_MESSAGE_HINT);
    facts.context = field(result, PG_DIAG_CONTEXT);
    if (const std::string inner = field(result, PG_DIAG_INTERNAL_QUERY); !inner.empty()) {
      facts.context += (facts.context.empty() ? "" : "\n") + ("in the query: " + inner);
    }
    facts.position = std::atoi(field(result, PG_DIAG_STATEMENT_POSITION).c_str());
    const std::string severity = field(result, PG_DIAG_SEVERITY_NONLOCALIZED);
    if (severity == "FATAL" || severity == "PANIC" || PQstatus(connection_) != CONNECTION_OK) lost_ = true;
    facts.connection_lost = lost_;
    if (facts.message.empty()) {
      facts.message = PQerrorMessage(connection_);
      while (!facts.message.empty() && facts.message.back() == '\n') facts.message.pop_back();
    }
    if (facts.message.empty()) facts.message = "the connection to the server is gone";
    throw DatabaseError(std::move(facts));
  }

  std::vector<Notice> notices_;  // outlives the connection, which may still report one while it closes
  PGconn* connection_;           // owned by owner_
  OwnedConnection owner_;
  Wire wire_;
  const std::string url_, application_;  // for a second connection
  bool lost_ = false;
};

struct Pinned {
  const char* name;
  const char* value;
  int since = 0;  // server_version_num
};

// These override what a role, a database or an environment variable sets: what is printed, what is created and how long
// something waits must depend on Lockstep alone. text_settings.h pins the settings that affect what text means.
constexpr std::array kPinned = std::to_array<Pinned>({
    {"standard_conforming_strings", "on"},
    {"quote_all_identifiers", "off"},
    {"row_security", "off"},
    {"check_function_bodies", "off"},
    {"default_tablespace", ""},
    {"default_table_access_method", "heap"},
    {"default_transaction_isolation", "read committed"},
    {"default_transaction_deferrable", "off"},
    {"exit_on_error", "off"},
    {"client_min_messages", "notice"},
    {"statement_timeout", "0"},
    {"lock_timeout", "10s"},
    {"idle_in_transaction_session_timeout", "0"},
    {"idle_session_timeout", "0", 140000},
    {"transaction_timeout", "0", 170000},
    {"tcp_keepalives_idle", "30"},  // the server notices that this client is gone, and releases its locks
    {"tcp_keepalives_interval", "10"},
    {"tcp_keepalives_count", "3"},
    {"tcp_user_timeout", "60000"},
    {"jit", "off"},
});

void PqxxSession::pin_settings(const std::string& application) {
  // Not in the startup packet, because connection poolers refuse unknown parameters there. The search_path is set alone and
  // first: with that of the role or the database, the operators of the next statement could mean something else.
  // The role's or the database's statement_timeout may be too short for that statement.
  execute("SET statement_timeout TO 0; SET search_path TO pg_catalog, pg_temp");
  using support::Sql;
  const auto config = [](const char* name, const char* value) {
    return "pg_catalog.set_config(" + Sql::literal(name) + ", " + Sql::literal(value) + ", false)";
  };
  Sql sql = "SELECT " + config("client_encoding", "UTF8") + ", " + config("application_name", application.c_str());
  for (const Pinned& setting : kPinned) {
    if (server_version() >= setting.since) sql += ", " + config(setting.name, setting.value);
  }
  for (const auto& [name, value] : pinned_text_settings()) sql += ", " + config(name.c_str(), value.c_str());
  // A commit that was reported must survive a crash, above all the journal's. A stronger setting is kept.
  sql += ", CASE WHEN pg_catalog.current_setting('synchronous_commit') <> 'remote_apply' THEN " +
         config("synchronous_commit", "on") + " END";
  // Triggers, rules and foreign keys work as for anybody. Only a superuser may set this, and only a superuser can have changed
  // it; a role that then lacks the right gets an error.
  sql += ", CASE WHEN pg_catalog.current_setting('session_replication_role') <> 'origin' THEN " +
         config("session_replication_role", "origin") + " END";
  // Only a superuser may set it; for others the server's messages are in the server's language.
  sql += ", CASE WHEN pg_catalog.current_setting('is_superuser') = 'on' THEN " + config("lc_messages", "C") + " END";
  execute(sql);
  if (server_version() >= 140000) {
    try {
      execute("SET client_connection_check_interval = '2s'");
    } catch (const DatabaseError& error) {  // the server's operating system may lack support for it
      if (error.facts().connection_lost) throw;
    }
  }
  notices_.clear();
}

}  // namespace

std::unique_ptr<Session> connect(const std::string& url, const std::string& application) {
  const ConnectOptions options = parse_url(url);
  PGconn* const connection = open_connection(options);
  try {
    refuse_administration_database(PQserverVersion(connection));
  } catch (...) {
    PQfinish(connection);
    throw;
  }
  auto session = std::make_unique<PqxxSession>(connection, options, url, application);
  require_own_server_process(*session);
  session->pin_settings(application);
  return session;
}

}  // namespace lockstep::postgres
