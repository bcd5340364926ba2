// Scratch databases on a named server, or on the target's own: other people use it, and its roles are real.
//
// Each name has an advisory lock of the admin's session, taken before anything of that name is created. If nobody holds it
// (pg_locks shows those of every database) and nobody is connected, the database was left by a run that died.
#include <fmt/format.h>

#include <array>
#include <random>

#include "postgres/scratch_server.h"
#include "session/connect_url.h"
#include "support/error.h"
#include "support/sql_text.h"

namespace lockstep::postgres {
namespace {

using support::CommandError;
using support::ExitCode;
using support::Sql;

constexpr int kVersionsAMajor = 10000;

// 64 bits from the operating system, as hexadecimal digits.
std::string random_digits() {
  std::random_device device;
  return fmt::format("{:08x}{:08x}", device(), device());
}

Sql key_of(const std::string& name) {
  return "pg_catalog.hashtextextended(" + Sql::literal(name) + ", 0)";
}

class LockHold : public ScratchServer::Hold {
 public:
  LockHold(Session& admin, Sql key) : admin_(admin), key_(std::move(key)) {}
  ~LockHold() override {
    try {
      admin_.execute("SELECT pg_catalog.pg_advisory_unlock(" + key_ + ")");
    } catch (const std::exception&) {  // the session is gone, and its locks with it
    }
  }
  LockHold(const LockHold&) = delete;
  LockHold& operator=(const LockHold&) = delete;

 private:
  Session& admin_;
  Sql key_;
};

class Named : public ScratchServer {
 public:
  Named(int major, const Shadow& shadow) : shadow_(shadow), admin_(connect(shadow.url, "lockstep scratch")) {
    require_major(major);
    require_powers();
  }
  Session& admin() override { return *admin_; }
  int major() const override { return admin_->server_version() / kVersionsAMajor; }
  bool embedded() const override { return false; }
  bool superuser() const override { return superuser_; }
  bool makes_stubs() const override { return shadow_.where == Shadow::Where::server; }
  std::string url(const std::string& database) const override { return with({{"dbname", database}}); }
  std::string url(const std::string& database, const std::string& role, const std::string& password) const override {
    return with({{"dbname", database}, {"user", role}, {"password", password}});
  }
  // Differs from the embedded server's prefix. That server uses no advisory locks and would drop what it finds.
  std::string prefix() const override { return "lockstep_shadow_"; }
  std::string fresh_name() override { return prefix() + random_digits(); }

  std::unique_ptr<Hold> hold(const std::string& name) override {
    const Sql key = key_of(name);
    const bool used =
        admin_
            ->execute(
                "SELECT EXISTS (SELECT FROM pg_catalog.pg_locks WHERE locktype = 'advisory' AND objsubid = 1 "
                "AND ((classid::bigint << 32) | objid::bigint) = " +
                key + ") OR EXISTS (SELECT FROM pg_catalog.pg_stat_activity WHERE datname = " + Sql::literal(name) + ")")
            .boolean(0, 0);
    if (used || !admin_->execute("SELECT pg_catalog.pg_try_advisory_lock(" + key + ")").boolean(0, 0)) return nullptr;
    return std::make_unique<LockHold>(*admin_, key);
  }

 private:
  std::string what() const { return shadow_.where == Shadow::Where::same_server ? "shadow: same-server" : "the shadow server"; }

  void require_major(int wanted) const {
    if (wanted == 0 || wanted == major()) return;
    throw CommandError(ExitCode::failed,
                       fmt::format("{} runs PostgreSQL {}, the target PostgreSQL {}: what one makes of a schema "
                                   "proves nothing about the other.\nNothing was touched. Name a server of "
                                   "PostgreSQL {} with --shadow or `shadow:`.",
                                   what(), major(), wanted, wanted));
  }

  void require_powers() {
    const Result found = admin_->execute(
        "SELECT rolsuper, rolcreatedb, rolcreaterole, pg_catalog.pg_is_in_recovery(), rolname FROM pg_catalog.pg_roles WHERE "
        "rolname = current_user");
    superuser_ = found.boolean(0, 0);
    std::string missing;
    if (!superuser_ && !found.boolean(0, 1)) missing = "CREATEDB";
    if (!superuser_ && !found.boolean(0, 2)) missing += missing.empty() ? "CREATEROLE" : " CREATEROLE";
    if (!missing.empty()) {
      const std::string role = support::quote_identifier(found.text(0, 4));
      throw CommandError(ExitCode::failed,
                         fmt::format("{}: role {} may not make scratch databases and their roles; it lacks {}.\n"
                                     "Nothing was touched. ALTER ROLE {} {}; or use --shadow embedded.",
                                     what(), role, missing, role, missing));
    }
    if (found.boolean(0, 3)) {
      throw CommandError(ExitCode::failed, what() +
                                               " is a standby (in recovery): no scratch database can be made on it.\n"
                                               "Nothing was touched. Use --shadow embedded.");
    }
  }

  // As a keyword=value list, since a URI can't express every name.
  std::string with(const ConnectOptions& others) const {
    ConnectOptions options = parse_url(shadow_.url);
    options.insert(options.end(), others.begin(), others.end());  // if a keyword occurs twice, libpq uses the last
    std::string text;
    for (const auto& [keyword, value] : options) {
      text += keyword + "='";
      for (const char c : value) {
        if (c == '\'' || c == '\\') text += '\\';
        text += c;
      }
      text += "' ";
    }
    return text;
  }

  Shadow shadow_;
  std::unique_ptr<Session> admin_;
  bool superuser_ = false;
};

}  // namespace

std::unique_ptr<ScratchServer> named_scratch_server(int major, const Shadow& shadow) {
  return std::make_unique<Named>(major, shadow);
}

Shadow Shadow::parse(const std::string& text) {
  if (text == "embedded") return {};
  if (text == "same-server") {
    Shadow shadow;
    shadow.where = Where::same_server;
    return shadow;
  }
  if (text.find("://") == std::string::npos && text.find('=') == std::string::npos) {
    throw support::UsageError(
        "shadow is one of embedded, same-server, or the URL of a server (what was given is not shown, since "
        "it may hold a password)");
  }
  Shadow shadow;
  shadow.where = Where::server;
  shadow.url = text;
  return shadow;
}

}  // namespace lockstep::postgres
