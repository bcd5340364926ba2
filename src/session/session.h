// The interface to a PostgreSQL server: one connection. No pqxx or libpq type appears here, so the executor's real connection
// and the tests' fault injector are interchangeable.
//
// Thread rule: one thread uses a Session at a time; only cancel() may be called from another. Errors of the server throw
// DatabaseError (with connection_lost if the connection broke).
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "support/sql.h"

namespace lockstep::postgres {

// Rows as text, cheap to copy (shared). A string_view is valid as long as any copy of the Rows exists.
class Rows {
 public:
  virtual ~Rows() = default;
  virtual std::size_t size() const = 0;
  virtual std::size_t columns() const = 0;
  virtual std::string_view column_name(std::size_t column) const = 0;
  virtual std::optional<std::string_view> at(std::size_t row, std::size_t column) const = 0;  // nullopt: null
};

class Result {
 public:
  Result() = default;
  explicit Result(std::shared_ptr<const Rows> rows) : rows_(std::move(rows)) {}
  explicit Result(std::int64_t affected) : affected_(affected) {}
  std::size_t size() const { return rows_ ? rows_->size() : 0; }
  bool empty() const { return size() == 0; }
  std::size_t columns() const { return rows_ ? rows_->columns() : 0; }
  std::string_view column_name(std::size_t column) const { return rows_->column_name(column); }
  std::optional<std::string_view> at(std::size_t row, std::size_t column) const { return rows_->at(row, column); }
  std::string text(std::size_t row, std::size_t column) const { return std::string(at(row, column).value_or("")); }
  std::int64_t integer(std::size_t row, std::size_t column) const;  // 0 for null
  bool boolean(std::size_t row, std::size_t column) const;          // false for null
  // Of an INSERT, UPDATE or DELETE without RETURNING: the rows, as its command tag counts them; else 0.
  std::int64_t affected() const { return affected_; }

 private:
  std::shared_ptr<const Rows> rows_;
  std::int64_t affected_ = 0;
};

struct Notice {
  std::string severity;  // "DEBUG1", "NOTICE", "WARNING": never localised
  std::string sqlstate;
  std::string message;
};

using Parameters = std::vector<std::optional<std::string>>;

// Two entry points for SQL text (support/sql.h).
//   execute, query, copy_in   Lockstep's own statements, under its own search_path: pg_catalog, pg_temp. Nothing in a database
//                             can shadow a name or an operator there.
//   declared, copy_out        text from somebody else, under the search_path that comes with it. Lockstep's own is restored
//                             when the call ends, after an error too. Only `script` restores nothing.
class Session {
 public:
  virtual ~Session() = default;
  // Simple protocol: one or several statements as written; returns the last result. Several form one implicit transaction.
  Result execute(const support::Sql& sql) { return run(Text(sql.text())); }
  // Extended protocol: exactly one statement, text parameters $1 ….
  Result query(const support::Sql& sql, const Parameters& parameters) { return run(Text(sql.text()), parameters); }
  // As query(), for a statement that is sent again and again: the server keeps its plan for the session (PREPARE). The types of
  // the parameters must show in the text ($1::oid). Not for a session that may connect anew (limited_session.h).
  Result repeated(const support::Sql& sql, const Parameters& parameters);
  // COPY … FROM STDIN. Calls `source` for pieces until it returns an empty one. Returns the number of rows.
  std::int64_t copy_in(const support::Sql& copy, const std::function<std::string()>& source) {
    return run_copy_in(Text(copy.text()), source);
  }

  Result declared(const support::DeclaredSql& sql);         // simple protocol
  Result declared_single(const support::DeclaredSql& sql);  // extended protocol: an error unless it is exactly one statement
  void declared(const std::vector<support::DeclaredSql>& statements);  // in one round trip and one implicit transaction
  // The same between own statements, which run under Lockstep's own search_path; returns the last result, that of `after`. For
  // statements that are one each (parser::surely_single).
  Result declared_between(const support::Sql& before, const std::vector<support::DeclaredSql>& statements,
                          const support::Sql& after);
  // Text of a script, as psql would send it: what it sets stays set for the text after it, the search_path too. For a session
  // that runs nothing else.
  Result script(const support::DeclaredSql& sql) { return run(Text(sql.text())); }
  std::int64_t script_copy(const support::DeclaredSql& copy, const std::function<std::string()>& source) {
    return run_copy_in(Text(copy.text()), source);
  }
  // COPY (query) TO STDOUT. Calls `sink` with each row as sent (COPY text with its newline). Returns the number of rows.
  std::int64_t copy_out(const support::DeclaredSql& query, const std::function<void(std::string_view)>& sink);

  virtual std::vector<Notice> take_notices() = 0;  // since the last call, oldest first
  virtual int server_version() const = 0;          // server_version_num
  virtual int backend_pid() const = 0;  // as the protocol reported when connecting; behind a proxy it isn't pg_backend_pid()
  virtual void cancel() = 0;            // asks the server to cancel the running statement; thread-safe
  virtual bool connected() const = 0;
  // A second connection to the same database, for another thread; null: there can't be one. It knows nothing of what this one
  // has set.
  virtual std::unique_ptr<Session> beside() const { return nullptr; }

  // The implementation behind the entry points. Only these construct a Text; a Session that wraps another one passes it on.
  class Text {
   public:
    std::string_view view() const { return view_; }

   private:
    friend class Session;
    explicit Text(std::string_view view) : view_(view) {}
    std::string_view view_;
  };
  virtual Result run(Text sql) = 0;
  virtual Result run(Text sql, const Parameters& parameters) = 0;
  virtual std::int64_t run_copy_out(Text sql, const std::function<void(std::string_view)>& sink) = 0;
  virtual std::int64_t run_copy_in(Text sql, const std::function<std::string()>& source) = 0;

 private:
  template <class Call>
  auto under(const support::DeclaredSql& sql, const Call& call) -> decltype(call());

  std::map<std::string, std::string, std::less<>> prepared_;  // text → name
};

// Opens a connection with Lockstep's pinned settings (search_path pg_catalog, pg_temp; standard_conforming_strings on, TimeZone
// UTC, DateStyle ISO, IntervalStyle postgres, extra_float_digits 3, client_encoding UTF8, row_security off, lock_timeout,
// check_function_bodies off, client_connection_check_interval if the server has it, jit off, lc_messages C if allowed).
// `url`: any libpq URI or keyword string. `application`: shown in pg_stat_activity.
// Throws DatabaseError whose message never contains the URL's password.
std::unique_ptr<Session> connect(const std::string& url, const std::string& application);

// BEGIN … COMMIT for a scope. Rolls back (ignoring errors) if the scope ends without commit().
class Transaction {
 public:
  explicit Transaction(Session& session, const support::Sql& begin = "BEGIN");
  struct Begun {};
  Transaction(Session& session, Begun) : session_(session) {}  // by what was just run in it
  ~Transaction();
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;
  void commit();

 private:
  Session& session_;
  bool open_ = true;
};

// The elements of PostgreSQL's one-dimensional array text {a,"b c",NULL}; a null becomes an empty text.
std::vector<std::string> parse_array(std::string_view text);

}  // namespace lockstep::postgres
