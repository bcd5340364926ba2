#include "postgres/embedded_server.h"

#include <fmt/format.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

#include "postgres/keeper.h"
#include "postgres/process.h"
#include "postgres/spread_folder.h"
#include "session/connect_url.h"
#include "session/session.h"
#include "support/digest.h"
#include "support/error.h"
#include "support/sql_text.h"

namespace lockstep::postgres {
namespace {

namespace fs = std::filesystem;
using support::CommandError;
using support::ExitCode;
using Clock = std::chrono::steady_clock;

constexpr auto kStartLimit = std::chrono::seconds(60);
constexpr std::size_t kLongestSocketPath = 100;  // sun_path is 104 to 108 bytes
constexpr std::string_view kSocketFile = "/.s.PGSQL.5432";

// Named so that `postgres` and every other role of a target can be a stub without rights.
constexpr const char* kSuperuser = "lockstep_root";

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value ? value : "";
}

std::string cache_folder(const OsUser& user) {
  if (const std::string folder = environment("LOCKSTEP_CACHE"); !folder.empty()) return fs::absolute(folder).string();
  if (::geteuid() == 0) return "/var/tmp/lockstep-cache-" + user.name;
  if (const std::string folder = environment("XDG_CACHE_HOME"); !folder.empty()) return folder + "/lockstep";
  if (const std::string home = environment("HOME"); !home.empty()) return home + "/.cache/lockstep";
  return "/var/tmp/lockstep-cache-" + user.name;
}

std::vector<std::string> server_options() {
  return {"listen_addresses=", "port=5432", "unix_socket_permissions=0700",
          // Scratch databases need not survive a crash.
          "fsync=off", "full_page_writes=off", "synchronous_commit=off",
          "autovacuum=off",  // its locks would be observed as locks that a step waits for
          "max_connections=200",
          "max_locks_per_transaction=1024",  // a schema of 10,000 tables is created in few transactions
          "wal_level=logical",               // else CREATE PUBLICATION warns
          "shared_buffers=64MB", "max_wal_size=512MB", "checkpoint_timeout=1h", "jit=off", "lc_messages=C",
          "log_min_messages=fatal",  // users' statements must not be written to our log
          "log_min_error_statement=panic"};
}

// The last lines of the server's log, for an error message.
std::string tail(const std::string& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  std::string log = text.str();
  if (log.size() > 2000) log = "…" + log.substr(log.size() - 2000);
  return log.empty() ? "(the log is empty)" : log;
}

class Cluster : public EmbeddedServer {
 public:
  Cluster(const Binaries& binaries, std::string version)
      : binaries_(binaries), version_(std::move(version)), user_(server_user()) {
    std::string identity = binaries_.folder + '\n' + version_;
    for (const std::string& option : server_options()) identity += '\n' + option;
    const std::string digest = support::sha256(identity).substr(0, 12);
    folder_ = cache_folder(user_) + "/pg" + std::to_string(binaries_.major) + '-' + digest;
    make_private_folder(folder_, user_);
    sockets_ = folder_;
    if (sockets_.size() + kSocketFile.size() > kLongestSocketPath) {
      sockets_ = "/tmp/lockstep-" + std::to_string(user_.uid) + '-' + digest;
      make_private_folder(sockets_, user_);
    }
    // Held for the lifetime of this object. The keeper never holds it for long, so this doesn't wait.
    in_use_ = std::make_unique<FileLock>(file("users.lock"), FileLock::Mode::shared);
    const FileLock alone(file("start.lock"), FileLock::Mode::exclusive);
    if (!fs::exists(file("data/PG_VERSION"))) initialise();
    ensure_running();
  }

  std::string url(const std::string& database) const override {
    return fmt::format("postgresql://{}@/{}?host={}&port=5432", kSuperuser, percent_encoded(database), percent_encoded(sockets_));
  }
  int major() const override { return binaries_.major; }
  std::string folder() const override { return folder_; }

 private:
  std::string file(const std::string& name) const { return folder_ + '/' + name; }
  std::string program(const std::string& name) const { return binaries_.folder + '/' + name; }

  static std::string percent_encoded(const std::string& text) {
    static constexpr std::string_view kHex = "0123456789ABCDEF";
    std::string result;
    for (const char c : text) {
      const auto byte = static_cast<unsigned char>(c);
      if (std::isalnum(byte) || c == '/' || c == '_' || c == '-' || c == '.') {
        result += c;
      } else {
        result += {'%', kHex[byte >> 4], kHex[byte & 15]};
      }
    }
    return result;
  }

  // Under start.lock. Creates the cluster under another name and renames it, so that a partial cluster is never used.
  void initialise() const {
    std::error_code ignored;
    for (const auto& entry : fs::directory_iterator(folder_, ignored)) {
      if (entry.path().filename().string().rfind("data", 0) == 0) fs::remove_all(entry.path(), ignored);
    }
    const std::string fresh = file("data.new");
    const Finished made = run({program("initdb"), "-D", fresh, "-U", kSuperuser, "-A", "trust", "--no-sync", "--encoding=UTF8",
                               "--locale=C", "--no-instructions"},
                              user_);
    if (made.status != 0) {
      throw CommandError(ExitCode::failed, "initdb of the embedded server failed in " + folder_ + " (as the user " + user_.name +
                                               ", which must be able to reach that folder; LOCKSTEP_CACHE names another):\n" +
                                               made.output);
    }
    fs::rename(fresh, file("data"));
  }

  KeeperTask task() const {
    KeeperTask task;
    task.server = {program("postgres"), "-D", file("data"), "-c", "unix_socket_directories=" + sockets_};
    for (const std::string& option : server_options()) {
      task.server.push_back("-c");
      task.server.push_back(option);
    }
    task.user = user_;
    task.log = file("server.log");
    task.start_lock = file("start.lock");
    task.users_lock = file("users.lock");
    task.alive_lock = file("keeper.lock");
    if (const std::string idle = environment("LOCKSTEP_SERVER_IDLE"); !idle.empty()) {
      task.idle_seconds = std::max(0, std::atoi(idle.c_str()));
    }
    return task;
  }

  // Under start.lock. So if a keeper is alive and its server doesn't answer, the keeper is either starting it (its first user
  // was killed) or about to notice that it ended.
  void ensure_running() const {
    const auto limit = Clock::now() + kStartLimit;
    bool started = false;
    for (;; std::this_thread::sleep_for(std::chrono::milliseconds(10))) {
      const Answer answer = ask(url("postgres"));
      const bool kept = keeper_lives(file("keeper.lock"));
      if (answer == Answer::ready && kept) break;
      if (answer == Answer::ready) stop_orphan();
      if (Clock::now() > limit || (started && !kept)) {
        throw CommandError(ExitCode::failed,
                           fmt::format("the embedded PostgreSQL server does not start ({}, folder {}). Its log says:\n{}",
                                       program("postgres"), folder_, tail(file("server.log"))));
      }
      if (answer == Answer::none && !kept) {
        // Nobody answers and no keeper is alive: the process with the number in this file is not our server.
        std::error_code ignored;
        fs::remove(file("data/postmaster.pid"), ignored);
        fs::remove(sockets_ + std::string(kSocketFile) + ".lock", ignored);
        spread_subfolders(file("data/base"));
        start_keeper(task());
        started = true;
      }
    }
    if (started) tidy();
  }

  // Its keeper was killed, on a system that doesn't signal the server.
  void stop_orphan() const {
    std::ifstream pid_file(file("data/postmaster.pid"));
    pid_t pid = 0;
    if (pid_file >> pid && pid > 1) ::kill(pid, SIGINT);
  }

  // Autovacuum is off, and only the shared catalogs outlive a scratch database.
  void tidy() const {
    const auto session = connect(url("postgres"), "lockstep");
    session->execute(
        "VACUUM pg_catalog.pg_database, pg_catalog.pg_authid, pg_catalog.pg_auth_members, pg_catalog.pg_shdepend, "
        "pg_catalog.pg_shdescription, pg_catalog.pg_db_role_setting");
  }

  Binaries binaries_;
  std::string version_;
  OsUser user_;
  std::string folder_, sockets_;
  std::unique_ptr<FileLock> in_use_;
};

std::string package_hint(int major) {
  const std::string number = major > 0 ? std::to_string(major) : "15";
  return "install the package postgresql-" + number + " (Debian, Ubuntu), postgresql" + number +
         "-server (Red Hat, SUSE) or postgresql@" + number +
         " (Homebrew), or say in LOCKSTEP_PG_BINDIRS (or postgres.bindirs of lockstep.yaml) which folder holds initdb and "
         "postgres; or let scratch databases be made elsewhere: --shadow same-server (the target's own server) or --shadow URL";
}

}  // namespace

std::string own_cache_folder(const std::string& name) {
  const OsUser self{::geteuid() == 0 ? "root" : server_user().name, ::geteuid(), ::getegid()};
  std::string folder = cache_folder(self) + '/' + name;
  make_private_folder(folder, self);
  return folder;
}

std::unique_ptr<EmbeddedServer> EmbeddedServer::start(int major, const std::vector<std::string>& configured_folders) {
  const std::vector<Binaries> found = find_binaries(configured_folders);
  const Binaries* chosen = nullptr;
  for (const Binaries& binaries : found) {
    const bool fits = major > 0 ? binaries.major == major && !chosen : !chosen || binaries.major > chosen->major;
    if (fits) chosen = &binaries;
  }
  if (!chosen) {
    std::string have;
    for (const Binaries& binaries : found) have += (have.empty() ? "" : ", ") + std::to_string(binaries.major);
    throw CommandError(ExitCode::failed,
                       (major > 0 ? "no programs of PostgreSQL " + std::to_string(major) + " were found on this machine"
                                  : "no PostgreSQL programs were found on this machine") +
                           (have.empty() ? "" : " (only of " + have + ")") +
                           ", and Lockstep needs them for its scratch databases: " + package_hint(major));
  }
  return std::make_unique<Cluster>(*chosen, chosen->version);
}

}  // namespace lockstep::postgres
