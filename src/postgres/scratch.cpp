#include "postgres/scratch.h"

#include <algorithm>
#include <future>
#include <mutex>
#include <random>
#include <set>

#include "postgres/scratch_server.h"
#include "session/limited_session.h"
#include "support/error.h"

namespace lockstep::postgres {
namespace {

using support::DatabaseError;
using support::Sql;

constexpr std::string_view kStub = "made by lockstep as a stub";  // the comment that marks a role that Lockstep may drop

constexpr int kSuperuserFactor = 5;  // it creates whole extensions, and reads the catalog of 10,000 tables at once
constexpr int kTotalFactor = 10;
// In the name of a role that represents an owner, after the name of its database.
constexpr const char* kProxyMark = "_owner_";

// Roles are shared by all databases of the cluster, so whoever creates or drops some locks out the others.
constexpr Sql kRoleLock = "SELECT pg_catalog.pg_advisory_xact_lock(1280263251);";

// Both have the same name. On the embedded server, sessions in the database are terminated; on other servers there are only
// ours.
void drop_database_and_role(ScratchServer& server, const std::string& name) {
  Session& admin = server.admin();
  // Its owner, which runs the files' code, may have made it a template, and a template can't be dropped.
  if (!admin.query("SELECT FROM pg_catalog.pg_database WHERE datname = $1 AND datistemplate", {name}).empty())
    admin.execute("ALTER DATABASE " + Sql::identifier(name) + " IS_TEMPLATE false");
  admin.execute("DROP DATABASE IF EXISTS " + Sql::identifier(name) + (server.embedded() ? Sql(" WITH (FORCE)") : Sql("")));
  admin.execute(kRoleLock + "DROP ROLE IF EXISTS " + Sql::identifier(name));
}

void drop_unused_stubs(Session& admin) {
  admin.execute(kRoleLock + R"sql(
    DO $$
    DECLARE stub name;
    BEGIN
      FOR stub IN SELECT r.rolname FROM pg_catalog.pg_roles r
                  WHERE pg_catalog.shobj_description(r.oid, 'pg_authid') = )sql" +
                Sql::literal(kStub) + R"sql(
                    AND NOT EXISTS (SELECT FROM pg_catalog.pg_auth_members m WHERE m.roleid = r.oid)
      LOOP
        BEGIN
          EXECUTE pg_catalog.format('DROP ROLE %I', stub);
        EXCEPTION WHEN dependent_objects_still_exist OR insufficient_privilege THEN NULL;  -- another database's, another's
        END;
      END LOOP;
    END $$)sql");
}

void drop_left_overs(ScratchServer& server) {
  const Sql prefix = Sql::literal(server.prefix());
  const Result found = server.admin().execute(
      "SELECT datname FROM pg_catalog.pg_database WHERE pg_catalog.starts_with(datname, " + prefix +
      ") UNION SELECT rolname FROM pg_catalog.pg_roles WHERE " + "pg_catalog.starts_with(rolname, " + prefix + ")");
  for (std::size_t row = 0; row < found.size(); ++row) {
    const std::string name = found.text(row, 0);
    const auto hold = server.hold(name.substr(0, name.find(kProxyMark)));
    if (hold == nullptr) continue;  // in use
    try {
      drop_database_and_role(server, name);
    } catch (const DatabaseError& error) {  // another run will drop it; this one doesn't depend on that
      if (error.facts().connection_lost) throw;
    }
  }
}

// The names of stubs for roles of a target. Never PostgreSQL's own roles (they may read files and run programs), nor
// Lockstep's.
std::vector<std::string> stub_names(const std::vector<std::string>& roles) {
  std::set<std::string> names;
  for (const std::string& role : roles) {
    const bool reserved = role.starts_with("pg_") || role.starts_with("lockstep_scratch_") ||
                          role.starts_with("lockstep_shadow_") || role == "lockstep_root";
    if (!reserved && !role.empty()) names.insert(role);
  }
  return {names.begin(), names.end()};
}

Sql array_literal(const std::vector<std::string>& names) {
  return "ARRAY[" + Sql::literals(names) + "]::pg_catalog.text[]";
}

// Letters and digits; used for one run.
std::string random_password() {
  static constexpr std::string_view kLetters = "abcdefghijklmnopqrstuvwxyz0123456789";
  std::random_device device;
  std::uniform_int_distribution<std::size_t> any(0, kLetters.size() - 1);
  std::string password;
  for (int i = 0; i < 40; ++i) password += kLetters[any(device)];
  return password;
}

void make_stubs(Session& admin, const std::vector<std::string>& stubs) {
  Sql sql = "";
  const Result missing = admin.execute("SELECT name FROM pg_catalog.unnest(" + array_literal(stubs) +
                                       ") AS t (name) WHERE name NOT IN (SELECT rolname FROM pg_catalog.pg_roles)");
  for (std::size_t row = 0; row < missing.size(); ++row) {
    const Sql stub = Sql::identifier(missing.text(row, 0));
    sql += "CREATE ROLE " + stub + " NOLOGIN; COMMENT ON ROLE " + stub + " IS " + Sql::literal(kStub) + ";";
  }
  if (!sql.empty()) admin.execute(sql);
}

// The roles that the unprivileged role may be a member of: stubs that Lockstep created and that nobody has given any rights
// since. Any other role may be referred to, but its rights must not be available to untrusted code.
std::vector<std::string> lent_roles(ScratchServer& server, const std::vector<std::string>& stubs) {
  const Result harmless = server.admin().execute(
      "SELECT rolname FROM pg_catalog.pg_roles r WHERE rolname = ANY (" + array_literal(stubs) +
      ") AND pg_catalog.shobj_description(oid, 'pg_authid') = " + Sql::literal(kStub) +
      R"sql( AND NOT (rolsuper OR rolcreaterole OR rolcreatedb OR rolcanlogin OR rolreplication OR rolbypassrls)
    AND NOT EXISTS (SELECT FROM pg_catalog.pg_auth_members m WHERE m.member = r.oid) )sql");
  std::vector<std::string> members;
  for (std::size_t row = 0; row < harmless.size(); ++row) members.push_back(harmless.text(row, 0));
  std::sort(members.begin(), members.end());
  return members;
}

// Creates the role that owns the database and the stubs, and makes it a member of these. Returns the stubs that could be
// created.
std::vector<std::string> make_roles(ScratchServer& server, const std::string& owner, const std::string& password,
                                    const std::vector<std::string>& stubs) {
  Session& admin = server.admin();
  Transaction transaction(admin);
  admin.execute(kRoleLock);
  Sql sql = "CREATE ROLE " + Sql::identifier(owner) + " LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION";
  if (!server.embedded()) sql += " PASSWORD " + Sql::literal(password);
  admin.execute(sql);
  // A role without superuser can give a database only to a role that it is a member of.
  if (!server.superuser()) admin.execute("GRANT " + Sql::identifier(owner) + " TO CURRENT_USER");
  std::vector<std::string> members;
  if (server.makes_stubs()) {
    make_stubs(admin, stubs);
    members = lent_roles(server, stubs);
    if (!members.empty()) {
      const Sql more = server.superuser() ? Sql("") : Sql(", CURRENT_USER");
      admin.execute("GRANT " + Sql::identifiers(members) + " TO " + Sql::identifier(owner) + more);
    }
  }
  transaction.commit();
  return members;
}

// The database with its roles and sessions. Drops them.
struct Made {
  explicit Made(std::unique_ptr<ScratchServer> on) : server(std::move(on)) {}
  ~Made() {
    close();
    if (name.empty()) return;
    try {
      drop_database_and_role(*server, name);
      for (const auto& [proxy, role] : proxies) {
        server->admin().execute(kRoleLock + "DROP ROLE IF EXISTS " + Sql::identifier(proxy));
      }
      if (server->makes_stubs()) drop_unused_stubs(server->admin());
    } catch (const std::exception&) {  // the next run finds it with its lock free
    }
  }
  Made(const Made&) = delete;
  Made& operator=(const Made&) = delete;
  void close() {
    session.reset();
    superuser.reset();
  }

  std::unique_ptr<ScratchServer> server;
  std::unique_ptr<ScratchServer::Hold> hold;  // outlives the database
  std::string name;                           // of the database and of its owner
  std::unique_ptr<Session> superuser, session;
  std::vector<std::pair<std::string, std::string>> proxies;  // a role of this database, and the role that it represents
};

// Drops databases beside what the process does next.
class Drops {
 public:
  static Drops& all() {
    static Drops drops;
    return drops;
  }
  void begin(std::unique_ptr<Made> made) {
    const std::lock_guard lock(mutex_);
    std::erase_if(under_way_,
                  [](const auto& drop) { return drop.wait_for(std::chrono::seconds(0)) == std::future_status::ready; });
    under_way_.push_back(std::async(std::launch::async, [made = std::move(made)]() mutable { made.reset(); }));
  }
  void wait() {
    const std::lock_guard lock(mutex_);
    under_way_.clear();  // the future of std::async waits for it
  }

 private:
  std::mutex mutex_;
  std::vector<std::future<void>> under_way_;
};

class ScratchDatabase : public Scratch {
 public:
  explicit ScratchDatabase(const ScratchOptions& options)
      : made_(std::make_unique<Made>(options.shadow.where == Shadow::Where::embedded
                                         ? embedded_scratch_server(options.major, options.binaries)
                                         : named_scratch_server(options.major, options.shadow))),
        server_(*made_->server),
        admin_(server_.admin()),
        admin_name_(admin_.execute("SELECT current_user").text(0, 0)),
        admin_database_(admin_.execute("SELECT pg_catalog.current_database()").text(0, 0)),
        password_(random_password()) {
    drop_left_overs(server_);
    take_name();
    lent_ = make_roles(server_, made_->name, password_, stub_names(options.roles));
    create_database(options);
    take_text_settings(options.text_settings);
    // The owner of a schema must be allowed to create one.
    if (!lent_.empty()) {
      admin_.execute("GRANT CREATE ON DATABASE " + Sql::identifier(made_->name) + " TO " + Sql::identifiers(lent_));
    }
    const auto limit = options.shadow.statement_timeout;
    made_->superuser = connect(server_.url(made_->name), "lockstep scratch");
    made_->superuser->execute("SET statement_timeout = " + Sql::number(limit.count() * kSuperuserFactor));
    // Before PostgreSQL 15 schema public belongs to the superuser, since then to the database's owner.
    if (server_.major() < 15 && server_.superuser()) {
      made_->superuser->execute("ALTER SCHEMA public OWNER TO " + Sql::identifier(made_->name));
    }
    made_->session = limit_time([this] { return log_in(); }, [this](int pid) { end_backend(pid); },
                                {.statement = limit, .total = limit * kTotalFactor});
    // The scratch role owns every table. Under FORCE ROW LEVEL SECURITY a foreign key of such a table can't be created with
    // row_security off, and there are no rows that could be missed.
    made_->session->execute("SET row_security = on");
  }
  ~ScratchDatabase() override {
    made_->close();  // its limits refer to this object
    try {
      Drops::all().begin(std::move(made_));
    } catch (const std::exception&) {  // no thread: it is dropped here
    }
  }
  ScratchDatabase(const ScratchDatabase&) = delete;
  ScratchDatabase& operator=(const ScratchDatabase&) = delete;

  Session& session() override { return *made_->session; }
  Session& superuser() override { return *made_->superuser; }
  std::string url() const override { return server_.url(made_->name, made_->name, password_); }
  bool gives_owners() const override { return server_.embedded(); }

  std::string owner_for(const std::string& role) override {
    if (std::binary_search(lent_.begin(), lent_.end(), role)) return role;
    const auto found =
        std::find_if(made_->proxies.begin(), made_->proxies.end(), [&](const auto& proxy) { return proxy.second == role; });
    if (found != made_->proxies.end()) return found->first;
    const std::string proxy = made_->name + kProxyMark + std::to_string(made_->proxies.size() + 1);
    const Sql quoted = Sql::identifier(proxy);
    admin_.execute(kRoleLock + "CREATE ROLE " + quoted + " NOLOGIN; GRANT " + quoted + " TO " + Sql::identifier(made_->name) +
                   (server_.superuser() ? Sql("") : Sql(", CURRENT_USER")) + "; GRANT CREATE ON DATABASE " +
                   Sql::identifier(made_->name) + " TO " + quoted);
    made_->proxies.emplace_back(proxy, role);
    return proxy;
  }

  std::string owner_meant(const std::string& owner) const override {
    const auto found =
        std::find_if(made_->proxies.begin(), made_->proxies.end(), [&](const auto& proxy) { return proxy.first == owner; });
    if (found != made_->proxies.end()) return found->second;
    return owner == admin_name_ ? std::string{} : owner;
  }

  std::vector<std::string> differences() const override { return differences_; }

 private:
  void take_name() {
    do {
      made_->name = server_.fresh_name();
      made_->hold = server_.hold(made_->name);
    } while (made_->hold == nullptr);
  }

  // Called from another thread, so it uses a session of its own, in another database, where no login event trigger of the files
  // runs.
  void end_backend(int pid) const {
    try {
      connect(server_.url(admin_database_), "lockstep scratch")
          ->query("SELECT pg_catalog.pg_terminate_backend($1::pg_catalog.int4)", {std::to_string(pid)});
    } catch (const std::exception&) {  // it is tried again after a second
    }
  }

  std::unique_ptr<Session> log_in() {
    if (server_.embedded()) return connect(url(), "lockstep scratch");
    try {
      return connect(url(), "lockstep scratch");
    } catch (const DatabaseError& error) {
      throw support::CommandError(
          support::ExitCode::failed,
          "the shadow server doesn't let Lockstep's unprivileged role in: " + error.facts().message +
              "\nNothing was touched on the target, and what was made for the run is dropped again. Declared code runs in a "
              "session "
              "that logs in by password as a fresh role (" +
              server_.prefix() +
              "…): allow it in the server's pg_hba.conf, for example\n  host all all samehost scram-sha-256\nor use --shadow "
              "embedded.");
    }
  }

  // Tries the requested locale. If this machine lacks it, uses the nearest one and reports that.
  void create_database(const ScratchOptions& options) {
    const std::string collate = options.collate.empty() ? "C" : options.collate;
    const std::string ctype = options.ctype.empty() ? "C" : options.ctype;
    Sql provider = "";
    if (server_.major() >= 15 && options.locale_provider == "icu") {
      provider = " LOCALE_PROVIDER icu ICU_LOCALE " + Sql::literal(options.locale);
    } else if (server_.major() >= 17 && options.locale_provider == "builtin") {
      provider = " LOCALE_PROVIDER builtin BUILTIN_LOCALE " + Sql::literal(options.locale);
    }
    const bool other_provider = provider.empty() && !options.locale_provider.empty() && options.locale_provider != "libc";
    if (try_create(options.encoding, collate, ctype, provider)) {
      if (other_provider) differences_.push_back("locale provider " + options.locale_provider + " (libc instead)");
      return;
    }
    const auto missing = [&](const std::string& what, const std::string& wanted) {
      if (wanted != "C") differences_.push_back(what + ' ' + wanted + " (C instead)");
    };
    if (!provider.empty()) {
      differences_.push_back("locale provider " + options.locale_provider + " with locale " + options.locale + " (libc instead)");
      if (try_create(options.encoding, collate, ctype, "")) return;
    }
    missing("LC_COLLATE", collate);
    if (try_create(options.encoding, "C", ctype, "")) return;
    missing("LC_CTYPE", ctype);
    if (try_create(options.encoding, "C", "C", "")) return;
    differences_.push_back("encoding " + options.encoding + " (UTF8 instead)");
    create("UTF8", "C", "C", "");
  }

  // Sets them as the database's own values. A value that this machine lacks (a locale) is pinned instead, and that is reported.
  void take_text_settings(const TextSettings& settings) {
    Sql all = "";
    for (const auto& [name, value] : settings) all += own_value(name, value) + ";\n";
    try {
      if (!all.empty()) admin_.execute(all);
    } catch (const DatabaseError& error) {
      if (error.facts().connection_lost) throw;
      for (const auto& [name, value] : settings) take_text_setting(name, value);
    }
  }

  void take_text_setting(const std::string& name, const std::string& value) {
    try {
      admin_.execute(own_value(name, value));
    } catch (const DatabaseError& error) {
      if (error.facts().connection_lost) throw;
      const TextSettings pinned = pinned_text_settings();
      const auto instead = pinned.find(name);
      if (instead == pinned.end()) return;
      admin_.execute(own_value(name, instead->second));
      differences_.push_back(name + ' ' + value + " (" + instead->second + " instead)");
    }
  }

  Sql own_value(const std::string& name, const std::string& value) const {
    return "ALTER DATABASE " + Sql::identifier(made_->name) + " SET " + Sql::identifier(name) + " TO " + Sql::literal(value);
  }

  bool try_create(const std::string& encoding, const std::string& collate, const std::string& ctype, const Sql& provider) {
    try {
      create(encoding, collate, ctype, provider);
      return true;
    } catch (const DatabaseError& error) {
      // No such locale or encoding, a combination that doesn't fit, or support that isn't built in.
      static const std::set<std::string> kLocale = {"22023", "42809", "0A000", "42704", "42601", "XX000"};
      if (!kLocale.count(error.sqlstate())) throw;
      return false;
    }
  }

  void create(const std::string& encoding, const std::string& collate, const std::string& ctype, const Sql& provider) {
    // Copying files is faster than logging them page by page, and without fsync its checkpoints are cheap. On a server that
    // others use they would not be.
    const Sql strategy = server_.embedded() && server_.major() >= 15 ? Sql(" STRATEGY file_copy") : Sql("");
    admin_.execute("CREATE DATABASE " + Sql::identifier(made_->name) + " OWNER " + Sql::identifier(made_->name) +
                   " TEMPLATE template0 ENCODING " + Sql::literal(encoding) + " LC_COLLATE " + Sql::literal(collate) +
                   " LC_CTYPE " + Sql::literal(ctype) + provider + strategy);
  }

  std::unique_ptr<Made> made_;
  ScratchServer& server_;
  Session& admin_;
  const std::string admin_name_, admin_database_;
  std::vector<std::string> lent_;  // stubs that the unprivileged role is a member of, sorted
  std::string password_;
  std::vector<std::string> differences_;
};

}  // namespace

void wait_for_drops() {
  Drops::all().wait();
}

std::unique_ptr<Scratch> Scratch::create(const ScratchOptions& options) {
  return std::make_unique<ScratchDatabase>(options);
}

}  // namespace lockstep::postgres
