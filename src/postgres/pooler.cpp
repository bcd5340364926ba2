#include "postgres/pooler.h"

#include <libpq-fe.h>

#include <cstdlib>
#include <memory>
#include <string>

#include "support/error.h"

namespace lockstep::postgres {
namespace {

using ResultPtr = std::unique_ptr<PGresult, decltype(&PQclear)>;

constexpr const char* kQuestion =
    "SELECT pg_catalog.pg_backend_pid(), pg_catalog.host(pg_catalog.inet_server_addr()), "
    "pg_catalog.current_setting('port'), pg_catalog.current_database()";

std::string parameter(PGconn* connection, const char* name) {
  const char* const value = PQparameterStatus(connection, name);
  return value ? value : "";
}

[[noreturn]] void refuse(const std::string& seen, const std::string& direct) {
  throw support::RefusedError(
      "this URL leads through a connection pooler (such as PgBouncer): " + seen +
      ". What Lockstep sets, locks and prepares on a pooled server process would reach the application that gets it next.\n"
      "Nothing was changed, on the server or in the pool. Give the URL of the server itself" +
      direct);
}

// Where the server itself listens, as far as it says. Its own view: the address may differ from outside its network.
std::string direct_address(const PGresult* answer) {
  const bool local = PQgetisnull(answer, 0, 1);
  return std::string(": it listens on ") + (local ? "a Unix socket, port " : std::string(PQgetvalue(answer, 0, 1)) + " port ") +
         PQgetvalue(answer, 0, 2);
}

void ask_once(PGconn* connection) {
  const ResultPtr answer(PQexec(connection, kQuestion), &PQclear);
  if (PQresultStatus(answer.get()) != PGRES_TUPLES_OK) {
    const char* const sqlstate = PQresultErrorField(answer.get(), PG_DIAG_SQLSTATE);
    support::DatabaseError::Facts facts;
    facts.message = PQerrorMessage(connection);
    while (!facts.message.empty() && facts.message.back() == '\n') facts.message.pop_back();
    facts.sqlstate = sqlstate ? sqlstate : "";
    facts.connection_lost = true;  // it is closed now
    throw support::DatabaseError(std::move(facts));
  }
  const int promised = PQbackendPID(connection);
  if (std::to_string(promised) == PQgetvalue(answer.get(), 0, 0)) return;
  refuse("server process " + std::string(PQgetvalue(answer.get(), 0, 0)) +
             " answered, where the connection was told process " + std::to_string(promised),
         direct_address(answer.get()));
}

}  // namespace

void require_own_server_process(PGconn* connection) {
  const std::string version = parameter(connection, "server_version");
  if (version.find("bouncer") != std::string::npos) refuse("this is PgBouncer's own administration database", "");
  ask_once(connection);
  ask_once(connection);
}

void forget_client_settings() {
  for (const char* const name : {"PGAPPNAME", "PGTZ", "PGDATESTYLE", "PGGEQO", "PGCLIENTENCODING"}) unsetenv(name);
}

}  // namespace lockstep::postgres
