#include "session/pooler.h"

#include <cstdlib>
#include <string>

#include "support/error.h"

namespace lockstep::postgres {
namespace {

constexpr int kOldestServer = 90000;  // the administration database of PgBouncer 1.18 reports 11800

[[noreturn]] void refuse(const std::string& seen, const std::string& direct) {
  throw support::RefusedError(
      "this URL leads through a connection pooler (such as PgBouncer): " + seen +
      ". What Lockstep sets, locks and prepares on a pooled server process would reach the application that gets it next.\n"
      "Nothing was changed, on the server or in the pool. Give the URL of the server itself" +
      direct);
}

// The server's own address, if it is known. It may differ from its address outside of its network.
std::string direct_address(const Result& answer) {
  return ": it listens on " + (answer.at(0, 1) ? answer.text(0, 1) : std::string("a Unix socket,")) + " port " +
         answer.text(0, 2);
}

void ask(Session& session) {
  // Nothing is pinned yet, so the role's or the database's own limit would end this. LOCAL, because a pooler may be in between.
  const Result answer = session.execute(
      "SET LOCAL statement_timeout TO 0; "
      "SELECT pg_catalog.pg_backend_pid(), pg_catalog.host(pg_catalog.inet_server_addr()), pg_catalog.current_setting('port')");
  if (answer.integer(0, 0) == session.backend_pid()) return;
  refuse("server process " + answer.text(0, 0) + " answered, where the connection was told process " +
             std::to_string(session.backend_pid()),
         direct_address(answer));
}

}  // namespace

void refuse_administration_database(int server_version) {
  if (server_version < kOldestServer) refuse("this is PgBouncer's own administration database", "");
}

void require_own_server_process(Session& session) {
  ask(session);
  ask(session);
}

void forget_client_settings() {
  for (const char* const name : {"PGAPPNAME", "PGTZ", "PGDATESTYLE", "PGGEQO", "PGCLIENTENCODING"}) unsetenv(name);
}

}  // namespace lockstep::postgres
