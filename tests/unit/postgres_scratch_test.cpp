#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <thread>

#include "postgres/process.h"
#include "postgres_server.h"
#include "session/connect_url.h"
#include "support/error.h"

using namespace lockstep;
using postgres::EmbeddedServer;
using postgres::Scratch;
using postgres::ScratchOptions;

namespace {

bool exists(const EmbeddedServer& server, const support::Sql& query, const std::string& name) {
  return postgres::connect(server.url("postgres"), "test")->query(query, {name}).size() > 0;
}
bool database_exists(const EmbeddedServer& server, const std::string& name) {
  return exists(server, "SELECT FROM pg_catalog.pg_database WHERE datname = $1", name);
}
bool role_exists(const EmbeddedServer& server, const std::string& name) {
  return exists(server, "SELECT FROM pg_catalog.pg_roles WHERE rolname = $1", name);
}

struct Child {
  pid_t pid = 0;
  int from = -1;
  Child(pid_t of, int end) : pid(of), from(end) {}
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  ~Child() {  // a failed test must not leave a process that keeps its output open
    if (pid > 0) end(SIGKILL);
  }
  std::string line() const {  // what it says, or why it failed
    std::string text;
    char c = 0;
    while (::read(from, &c, 1) == 1 && c != '\n') text += c;
    return text;
  }
  int end(int signal) {
    if (signal) ::kill(pid, signal);
    int status = 0;
    ::waitpid(pid, &status, 0);
    ::close(from);
    pid = 0;
    return status;
  }
};

// Runs `action` in a process of its own; what it returns is its line. Then the process waits to be killed.
template <class Action>
Child spawn(Action action) {
  std::array<int, 2> ends{};
  REQUIRE(::pipe(ends.data()) == 0);
  const pid_t pid = ::fork();
  if (pid == 0) {
    for (int number = 1; number < 32; ++number) ::signal(number, SIG_DFL);  // not Catch's
    ::close(ends[0]);
    try {
      auto [kept, text] = action();
      text += '\n';
      if (::write(ends[1], text.data(), text.size()) < 0) ::_exit(1);
      for (;;) ::pause();
    } catch (const std::exception& failure) {
      const std::string text = std::string("failed: ") + failure.what();
      ::_exit(::write(ends[1], text.data(), text.size()) < 0 ? 2 : 1);
    }
  }
  ::close(ends[1]);
  return Child(pid, ends[0]);
}

std::string database_name(Scratch& scratch) {
  return scratch.session().execute("SELECT current_database()").text(0, 0);
}

}  // namespace

TEST_CASE("a scratch database comes, is owned by a role without powers, and goes", "[postgres][scratch]") {
  LOCKSTEP_NEEDS_POSTGRES();
  const auto server = EmbeddedServer::start(0);
  std::string name;
  {
    ScratchOptions options;
    options.roles = {"ls test \"stub\"", "postgres", "pg_execute_server_program", "lockstep_root"};
    const auto scratch = Scratch::create(options);
    name = database_name(*scratch);
    auto& session = scratch->session();
    CHECK(name.rfind("lockstep_scratch_", 0) == 0);
    CHECK(session
              .execute("SELECT rolsuper OR rolcreaterole OR rolcreatedb OR rolbypassrls FROM pg_roles WHERE rolname = "
                       "current_user")
              .text(0, 0) == "f");
    CHECK_THROWS_AS(session.execute("COPY (SELECT 1) TO PROGRAM 'id'"), support::DatabaseError);
    CHECK_THROWS_AS(session.execute("SELECT pg_read_file('/etc/passwd')"), support::DatabaseError);
    CHECK_THROWS_AS(session.execute("SET ROLE lockstep_root"), support::DatabaseError);
    // The stubs may own things.
    session.execute("CREATE SCHEMA s; CREATE TABLE s.t (id int); ALTER SCHEMA s OWNER TO \"ls test \"\"stub\"\"\"");
    session.execute("CREATE TABLE public.t (id int); GRANT CREATE ON SCHEMA public TO postgres");
    session.execute("ALTER TABLE public.t OWNER TO postgres");
    CHECK(scratch->superuser().execute("SELECT rolsuper FROM pg_roles WHERE rolname = 'postgres'").text(0, 0) == "f");
    CHECK(scratch->differences().empty());
    CHECK(database_exists(*server, name));
  }
  postgres::wait_for_drops();
  CHECK_FALSE(database_exists(*server, name));
  CHECK_FALSE(role_exists(*server, name));
  CHECK_FALSE(role_exists(*server, "ls test \"stub\""));
}

TEST_CASE("what this machine lacks is said", "[postgres][scratch]") {
  LOCKSTEP_NEEDS_POSTGRES();
  ScratchOptions options;
  options.collate = "xx_XX.nowhere";
  options.encoding = "LATIN1";
  const auto scratch = Scratch::create(options);
  CHECK(scratch->differences() == std::vector<std::string>{"LC_COLLATE xx_XX.nowhere (C instead)"});
  CHECK(scratch->superuser().execute("SHOW server_encoding").text(0, 0) == "LATIN1");
}

TEST_CASE("what a killed process leaves is dropped by the next", "[postgres][scratch]") {
  LOCKSTEP_NEEDS_POSTGRES();
  const auto server = EmbeddedServer::start(0);
  Child child = spawn([] {
    ScratchOptions options;
    options.roles = {"ls_left_over_stub"};
    auto scratch = Scratch::create(options);
    std::string name = database_name(*scratch);
    return std::pair{std::move(scratch), name};
  });
  const std::string name = child.line();
  REQUIRE_THAT(name, Catch::StartsWith("lockstep_scratch_"));
  { const auto other = testing::scratch(); }
  CHECK(database_exists(*server, name));  // in use: the next one leaves it alone
  child.end(SIGKILL);
  { const auto other = testing::scratch(); }
  postgres::wait_for_drops();
  CHECK_FALSE(database_exists(*server, name));
  CHECK_FALSE(role_exists(*server, name));
  CHECK_FALSE(role_exists(*server, "ls_left_over_stub"));
}

TEST_CASE("commands that make the cache folder at one moment both get it", "[postgres][embedded]") {
  std::string folder = "/tmp/lockstep-test-XXXXXX";
  REQUIRE(::mkdtemp(folder.data()) != nullptr);
  REQUIRE(::chmod(folder.c_str(), 0755) == 0);
  const postgres::OsUser user = postgres::server_user();  // another than this process's own where that is root
  const auto start = [&] {
    return spawn([&] {
      for (int i = 0; i < 2000; ++i) postgres::make_private_folder(folder + '/' + std::to_string(i), user);
      return std::pair{0, std::string("made")};
    });
  };
  const Child first = start(), second = start(), third = start();
  for (const Child* child : {&first, &second, &third}) CHECK(child->line() == "made");
  std::filesystem::remove_all(folder);
}

TEST_CASE("processes share one server, which ends after them", "[postgres][embedded]") {
  LOCKSTEP_NEEDS_POSTGRES();
  std::string folder = "/tmp/lockstep-test-XXXXXX";
  REQUIRE(::mkdtemp(folder.data()) != nullptr);
  REQUIRE(::chmod(folder.c_str(), 0755) == 0);  // the server may run as another user
  const auto start = [&] {
    return spawn([&] {
      ::setenv("LOCKSTEP_CACHE", folder.c_str(), 1);
      ::setenv("LOCKSTEP_SERVER_IDLE", "1", 1);
      auto server = EmbeddedServer::start(0);
      const auto session = postgres::connect(server->url("postgres"), "test");
      std::string text = session->execute("SELECT pg_postmaster_start_time()").text(0, 0) + "|" + server->url("postgres");
      return std::pair{std::move(server), text};
    });
  };
  const auto stopped = [](const std::string& url) {
    for (int i = 0; i < 200; ++i) {
      if (postgres::ask(url) == postgres::Answer::none) return true;
      std::this_thread::sleep_for(std::chrono::milliseconds(100));
    }
    return false;
  };
  Child first = start(), second = start(), third = start();
  const std::string said = first.line();
  REQUIRE_THAT(said, Catch::Contains("|postgresql://"));
  CHECK(second.line() == said);  // initialised once, started once
  CHECK(third.line() == said);
  const std::string url = said.substr(said.find('|') + 1);
  first.end(SIGTERM);
  second.end(SIGKILL);
  std::this_thread::sleep_for(std::chrono::milliseconds(2500));
  CHECK(postgres::ask(url) == postgres::Answer::ready);  // one user is left
  third.end(SIGKILL);
  CHECK(stopped(url));

  Child again = start();  // and comes back
  const std::string later = again.line();
  CHECK_THAT(later, Catch::Contains("|postgresql://"));
  CHECK(later != said);
  again.end(SIGKILL);
  CHECK(stopped(url));
  std::this_thread::sleep_for(std::chrono::seconds(1));
  std::error_code ignored;
  std::filesystem::remove_all(folder, ignored);
}
