#include "postgres/scratch.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <set>

#include "postgres/process.h"
#include "support/error.h"
#include "support/sql_text.h"

namespace lockstep::postgres {
namespace {

using support::DatabaseError;
using support::quote_identifier;
using support::quote_literal;

constexpr std::string_view kPrefix = "lockstep_scratch_";
constexpr std::string_view kStub = "made by lockstep as a stub";  // the comment that marks a role as ours to drop

// Roles are shared by all databases of the cluster: whoever makes or drops some excludes the others.
constexpr std::string_view kRoleLock = "SELECT pg_catalog.pg_advisory_xact_lock(1280263251);";

// Held as long as the scratch database of this name is in use.
class NameLock {
 public:
  NameLock(const std::string& folder, const std::string& name) : path_(folder + '/' + name + ".lock") {
    fd_ = FileLock::open(path_);
    struct stat found {};
    held_ = fd_ >= 0 && FileLock::try_exclusive(fd_) && ::fstat(fd_, &found) == 0 && found.st_nlink > 0;
  }
  ~NameLock() {
    if (held_) ::unlink(path_.c_str());
    if (fd_ >= 0) ::close(fd_);
  }
  NameLock(const NameLock&) = delete;
  NameLock& operator=(const NameLock&) = delete;
  bool held() const { return held_; }

 private:
  std::string path_;
  int fd_ = -1;
  bool held_ = false;
};

// Both named alike. Sessions in the database are ended.
void drop_database_and_role(Session& admin, const std::string& name) {
  admin.execute("DROP DATABASE IF EXISTS " + quote_identifier(name) + " WITH (FORCE)");
  admin.execute(std::string(kRoleLock) + "DROP ROLE IF EXISTS " + quote_identifier(name));
}

void drop_unused_stubs(Session& admin) {
  admin.execute(std::string(kRoleLock) + R"sql(
    DO $$
    DECLARE stub name;
    BEGIN
      FOR stub IN SELECT r.rolname FROM pg_catalog.pg_roles r
                  WHERE pg_catalog.shobj_description(r.oid, 'pg_authid') = )sql" +
                quote_literal(kStub) + R"sql(
                    AND NOT EXISTS (SELECT FROM pg_catalog.pg_auth_members m WHERE m.roleid = r.oid)
      LOOP
        BEGIN
          EXECUTE pg_catalog.format('DROP ROLE %I', stub);
        EXCEPTION WHEN dependent_objects_still_exist THEN NULL;  -- a database that is no scratch uses it
        END;
      END LOOP;
    END $$)sql");
}

void drop_left_overs(Session& admin, const std::string& folder) {
  const Result found = admin.execute(
      "SELECT datname FROM pg_catalog.pg_database WHERE pg_catalog.starts_with(datname, " + quote_literal(kPrefix) +
      ") UNION SELECT rolname FROM pg_catalog.pg_roles WHERE pg_catalog.starts_with(rolname, " + quote_literal(kPrefix) + ")");
  for (std::size_t row = 0; row < found.size(); ++row) {
    const std::string name = found.text(row, 0);
    const NameLock lock(folder, name);
    if (!lock.held()) continue;  // in use
    try {
      drop_database_and_role(admin, name);
    } catch (const DatabaseError& error) {  // another time; what we are here for does not need it
      if (error.facts().connection_lost) throw;
    }
  }
}

// Stands for roles of a target. Never PostgreSQL's own (they may read files and run programs) nor ours.
std::vector<std::string> stub_names(const std::vector<std::string>& roles) {
  std::set<std::string> names;
  for (const std::string& role : roles) {
    const bool reserved = role.rfind("pg_", 0) == 0 || role.rfind(kPrefix, 0) == 0 || role == "lockstep_root";
    if (!reserved && !role.empty()) names.insert(role);
  }
  return {names.begin(), names.end()};
}

std::string array_literal(const std::vector<std::string>& names) {
  std::vector<std::string> literals;
  for (const std::string& name : names) literals.push_back(quote_literal(name));
  return "ARRAY[" + support::join(literals, ", ") + "]::pg_catalog.text[]";
}

// Makes the role that owns the database, and the stubs, and makes it a member of them. The stubs that could be had.
std::vector<std::string> make_roles(Session& admin, const std::string& owner, const std::vector<std::string>& stubs) {
  Transaction transaction(admin);
  admin.execute(kRoleLock);
  std::string sql = "CREATE ROLE " + quote_identifier(owner) + " LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION;";
  const Result missing = admin.execute("SELECT name FROM pg_catalog.unnest(" + array_literal(stubs) +
                                       ") AS t (name) WHERE name NOT IN (SELECT rolname FROM pg_catalog.pg_roles)");
  for (std::size_t row = 0; row < missing.size(); ++row) {
    const std::string stub = quote_identifier(missing.text(row, 0));
    sql += "CREATE ROLE " + stub + " NOLOGIN; COMMENT ON ROLE " + stub + " IS " + quote_literal(kStub) + ";";
  }
  admin.execute(sql);
  // A role that is there for another reason (the demo's) may be mentioned, but never lends a power to strangers' code.
  const Result harmless = admin.execute("SELECT rolname FROM pg_catalog.pg_roles WHERE rolname = ANY (" + array_literal(stubs) +
                                        R"sql() AND NOT pg_catalog.pg_has_role(oid, 'pg_execute_server_program', 'MEMBER')
    AND NOT pg_catalog.pg_has_role(oid, 'pg_read_server_files', 'MEMBER')
    AND NOT pg_catalog.pg_has_role(oid, 'pg_write_server_files', 'MEMBER') ORDER BY rolname)sql");
  std::vector<std::string> members;
  for (std::size_t row = 0; row < harmless.size(); ++row) members.push_back(harmless.text(row, 0));
  if (!members.empty()) admin.execute("GRANT " + support::identifier_list(members) + " TO " + quote_identifier(owner));
  transaction.commit();
  return members;
}

class ScratchDatabase : public Scratch {
 public:
  explicit ScratchDatabase(const ScratchOptions& options)
      : server_(EmbeddedServer::start(options.major, options.binaries)),
        admin_(connect(server_->url("postgres"), "lockstep scratch")) {
    const std::string folder = server_->folder() + "/scratch";
    make_private_folder(folder, server_user());
    drop_left_overs(*admin_, folder);
    take_name(folder);
    try {
      const std::vector<std::string> stubs = make_roles(*admin_, name_, stub_names(options.roles));
      create_database(options);
      // Whoever is to own a schema must be allowed to make one.
      if (!stubs.empty()) {
        admin_->execute("GRANT CREATE ON DATABASE " + quote_identifier(name_) + " TO " + support::identifier_list(stubs));
      }
      superuser_ = connect(server_->url(name_), "lockstep scratch");
      // Before 15 the schema public belongs to the superuser; since then to whoever owns the database.
      if (server_->major() < 15) superuser_->execute("ALTER SCHEMA public OWNER TO " + quote_identifier(name_));
      session_ = connect(url(), "lockstep scratch");
    } catch (...) {
      drop();
      throw;
    }
  }
  ~ScratchDatabase() override { drop(); }
  ScratchDatabase(const ScratchDatabase&) = delete;
  ScratchDatabase& operator=(const ScratchDatabase&) = delete;

  Session& session() override { return *session_; }
  Session& superuser() override { return *superuser_; }
  std::string url() const override {
    const std::string address = server_->url(name_);  // postgresql://superuser@/…
    const std::size_t user = address.find("://") + 3;
    return address.substr(0, user) + name_ + address.substr(address.find('@'));
  }
  std::vector<std::string> differences() const override { return differences_; }

 private:
  void take_name(const std::string& folder) {
    static std::atomic<int> counter{0};
    do {
      name_ = std::string(kPrefix) + std::to_string(::getpid()) + '_' + std::to_string(++counter);
      lock_ = std::make_unique<NameLock>(folder, name_);
    } while (!lock_->held());
  }

  // Tries what is wanted; where this machine lacks the locale, the nearest it has, and says so.
  void create_database(const ScratchOptions& options) {
    const std::string collate = options.collate.empty() ? "C" : options.collate;
    const std::string ctype = options.ctype.empty() ? "C" : options.ctype;
    std::string provider;
    if (server_->major() >= 15 && options.locale_provider == "icu") {
      provider = " LOCALE_PROVIDER icu ICU_LOCALE " + quote_literal(options.locale);
    } else if (server_->major() >= 17 && options.locale_provider == "builtin") {
      provider = " LOCALE_PROVIDER builtin BUILTIN_LOCALE " + quote_literal(options.locale);
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
      if (try_create(options.encoding, collate, ctype, {})) return;
    }
    missing("LC_COLLATE", collate);
    if (try_create(options.encoding, "C", ctype, {})) return;
    missing("LC_CTYPE", ctype);
    if (try_create(options.encoding, "C", "C", {})) return;
    differences_.push_back("encoding " + options.encoding + " (UTF8 instead)");
    create("UTF8", "C", "C", {});
  }

  bool try_create(const std::string& encoding, const std::string& collate, const std::string& ctype,
                  const std::string& provider) {
    try {
      create(encoding, collate, ctype, provider);
      return true;
    } catch (const DatabaseError& error) {
      // 22023, 42809, 0A000: no such locale or encoding, not together, or not built in.
      static const std::set<std::string> kLocale = {"22023", "42809", "0A000", "42704", "42601", "XX000"};
      if (!kLocale.count(error.sqlstate())) throw;
      return false;
    }
  }

  void create(const std::string& encoding, const std::string& collate, const std::string& ctype, const std::string& provider) {
    // Copying files beats writing them to the log page by page, and without fsync its checkpoints cost little.
    const std::string strategy = server_->major() >= 15 ? " STRATEGY file_copy" : "";
    admin_->execute("CREATE DATABASE " + quote_identifier(name_) + " OWNER " + quote_identifier(name_) +
                    " TEMPLATE template0 ENCODING " + quote_literal(encoding) + " LC_COLLATE " + quote_literal(collate) +
                    " LC_CTYPE " + quote_literal(ctype) + provider + strategy);
  }

  void drop() noexcept {
    session_.reset();
    superuser_.reset();
    try {
      drop_database_and_role(*admin_, name_);
      drop_unused_stubs(*admin_);
    } catch (const std::exception&) {  // the next run finds it, and that its lock is free
    }
  }

  std::unique_ptr<EmbeddedServer> server_;
  std::unique_ptr<Session> admin_;
  std::unique_ptr<NameLock> lock_;  // outlives the database
  std::unique_ptr<Session> superuser_, session_;
  std::string name_;  // of the database and of its owner
  std::vector<std::string> differences_;
};

}  // namespace

std::unique_ptr<Scratch> Scratch::create(const ScratchOptions& options) {
  return std::make_unique<ScratchDatabase>(options);
}

}  // namespace lockstep::postgres
