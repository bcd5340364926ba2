#include "postgres/introspect.h"

#include <memory>
#include <optional>
#include <set>

#include "postgres/dependencies.h"
#include "postgres/object_reader.h"
#include "postgres/row_versions.h"
#include "postgres/transitional.h"
#include "postgres/unmanaged.h"
#include "support/digest.h"
#include "support/error.h"
#include "support/visible.h"

namespace lockstep::postgres {
namespace {

using support::CommandError;
using support::DatabaseError;
using support::ExitCode;

constexpr int kAttempts = 5;

// Returns a text that distinguishes this server from all others, including one with a copy of its files: its start time.
std::string read_database(Session& session, Snapshot& snapshot) {
  const int version = session.server_version();
  using support::Sql;
  const Sql provider =
      version < 150000 ? Sql("'libc'") : Sql("CASE d.datlocprovider WHEN 'i' THEN 'icu' WHEN 'b' THEN 'builtin' ELSE 'libc' END");
  const Sql locale = version < 150000 ? Sql("NULL") : version < 170000 ? Sql("d.daticulocale") : Sql("d.datlocale");
  // The system identifier may not be readable on a managed service; the database's OID and name still distinguish targets.
  const Result found = session.execute(
      "SELECT d.datname, d.oid, pg_catalog.pg_encoding_to_char(d.encoding), d.datcollate, d.datctype, " + provider + ", " +
      locale +
      ", current_user, CASE WHEN pg_catalog.has_function_privilege('pg_catalog.pg_control_system()', 'EXECUTE') THEN (SELECT "
      "system_identifier FROM pg_catalog.pg_control_system()) END, ARRAY(SELECT r.rolname FROM pg_catalog.pg_roles r ORDER BY "
      "r.rolname)::pg_catalog.text[], pg_catalog.pg_postmaster_start_time(), pg_catalog.pg_is_in_recovery() FROM "
      "pg_catalog.pg_database d WHERE d.datname = pg_catalog.current_database()");
  snapshot.target.database = found.text(0, 0);
  snapshot.target.database_oid = found.integer(0, 1);
  snapshot.target.server_version = version;
  snapshot.target.system_identifier = found.text(0, 8);
  snapshot.encoding = found.text(0, 2);
  snapshot.collate = found.text(0, 3);
  snapshot.ctype = found.text(0, 4);
  snapshot.locale_provider = found.text(0, 5);
  snapshot.locale = found.text(0, 6);
  snapshot.current_user = found.text(0, 7);
  snapshot.roles = parse_array(found.text(0, 9));
  snapshot.text_settings = own_text_settings(session);
  return found.text(0, 10) + '\n' + found.text(0, 11);
}

// Empty if it can't be determined with certainty.
std::string state_of(const Snapshot& snapshot, const std::string& server, const RowVersions& versions) {
  if (!complete(versions)) return {};
  std::string text = server + '\n' + snapshot.target.system_identifier + '\n' + snapshot.target.database + '\n' +
                     std::to_string(snapshot.target.database_oid) + '\n' + std::to_string(snapshot.target.server_version) + '\n' +
                     snapshot.current_user + '\n';
  for (const auto& [name, value] : snapshot.text_settings) text += name + ' ' + support::sha256(value) + '\n';
  for (const auto& [catalog, digest] : versions) text += catalog + ' ' + digest + '\n';
  return support::sha256(text);
}

// `snapshot`: that of another transaction, exported; empty: its own.
support::Sql begin(const IntrospectOptions& options, const std::string& snapshot = {}) {
  const support::Sql only = "READ ONLY", write = "READ WRITE";
  return "BEGIN ISOLATION LEVEL REPEATABLE READ " + (options.as_if.empty() ? only : write) +
         (snapshot.empty() ? support::Sql("") : "; SET TRANSACTION SNAPSHOT " + support::Sql::literal(snapshot)) +
         "; SET LOCAL lock_timeout = " + support::Sql::number(options.lock_timeout_ms) + "; " +
         set_text_settings(pinned_text_settings(), true);
}

// The default privileges of the connected role: what they add to, or (for PUBLIC) remove from, acldefault() of a new object.
constexpr support::Sql kDefaultPrivileges = R"sql(
WITH entry AS (
  SELECT d.defaclobjtype AS type, n.nspname AS schema, d.defaclacl AS acl, CASE WHEN n.oid IS NULL THEN pg_catalog.acldefault(
    CASE d.defaclobjtype WHEN 'S' THEN 's' ELSE d.defaclobjtype END::"char", d.defaclrole) END AS base, d.defaclrole AS role
  FROM pg_catalog.pg_default_acl d LEFT JOIN pg_catalog.pg_namespace n ON n.oid = d.defaclnamespace
  WHERE d.defaclrole = pg_catalog.to_regrole(pg_catalog.quote_ident(current_user))
)
SELECT type, coalesce(schema, ''), CASE grantee WHEN 0 THEN 'PUBLIC' ELSE pg_catalog.pg_get_userbyid(grantee)::text END,
  coalesce(pg_catalog.array_agg((privilege_type || CASE WHEN is_grantable THEN ' WITH GRANT OPTION' ELSE '' END) COLLATE "C"
    ORDER BY (privilege_type || CASE WHEN is_grantable THEN ' WITH GRANT OPTION' ELSE '' END) COLLATE "C") FILTER (WHERE given), '{}'),
  pg_catalog.bool_or(NOT given)
FROM (
  SELECT e.type, e.schema, e.role, x.grantee, x.privilege_type, x.is_grantable, true AS given
  FROM entry e, pg_catalog.aclexplode(e.acl) x
  WHERE NOT EXISTS (SELECT FROM pg_catalog.aclexplode(e.base) b WHERE b.grantee = x.grantee AND b.privilege_type = x.privilege_type)
  UNION ALL
  SELECT e.type, e.schema, e.role, b.grantee, b.privilege_type, b.is_grantable, false
  FROM entry e, pg_catalog.aclexplode(e.base) b
  WHERE NOT EXISTS (SELECT FROM pg_catalog.aclexplode(e.acl) x WHERE x.grantee = b.grantee AND x.privilege_type = b.privilege_type)
) AS item
WHERE grantee <> role
GROUP BY 1, 2, 3 ORDER BY 1, 2, 3)sql";

void read_default_privileges(Session& session, Snapshot& snapshot) {
  const Result rows = session.execute(kDefaultPrivileges);
  for (std::size_t row = 0; row < rows.size(); ++row) {
    snapshot.default_privileges.push_back({.object_type = rows.text(row, 0).front(),
                                           .schema = rows.text(row, 1),
                                           .grantee = rows.text(row, 2),
                                           .privileges = parse_array(rows.text(row, 3)),
                                           .taken = rows.boolean(row, 4)});
  }
}

// The sizes of all tables and materialized views, including partitions.
constexpr support::Sql kSizes = R"sql(
WITH RECURSIVE leaf (root, relation) AS (
  SELECT c.oid, c.oid FROM pg_catalog.pg_class c WHERE c.relkind IN ('r', 'p', 'm') AND c.oid >= 16384 AND c.relpersistence <> 't'
  UNION ALL
  SELECT l.root, i.inhrelid FROM leaf l JOIN pg_catalog.pg_inherits i ON i.inhparent = l.relation
    JOIN pg_catalog.pg_class c ON c.oid = i.inhrelid AND c.relispartition AND c.relkind <> 'i' AND c.relkind <> 'I')
SELECT 'pg_catalog.pg_class'::pg_catalog.regclass::pg_catalog.oid, root, 0,
  coalesce(pg_catalog.sum(pg_catalog.pg_relation_size(relation)), 0)::pg_catalog.int8
FROM leaf GROUP BY root)sql";

void take_sizes(const Result& sizes, const ReadObjects& read, Snapshot& snapshot) {
  for (std::size_t row = 0; row < sizes.size(); ++row) {
    const auto found = read.by_address.find(address_at(sizes, row, 0));
    if (found != read.by_address.end()) snapshot.facts[read.objects[found->second].id].bytes = sizes.integer(row, 3);
  }
}

struct Attempt {
  Snapshot snapshot;
  RowVersions versions;
  std::string server;
  std::string transactions;  // pg_current_snapshot() of what was read
};

std::string current_transactions(Session& session) {
  return session.execute("SELECT pg_catalog.pg_current_snapshot()").text(0, 0);
}

// Whether no transaction of the whole server that writes has ended since: "751:751:" again. A standby doesn't list open ones
// behind the second colon, so the two numbers must be equal.
bool nobody_wrote_since(Session& session, const std::string& transactions) {
  const std::size_t end = transactions.find(':');
  const bool none_open =
      end != std::string::npos && transactions == transactions.substr(0, end + 1) + transactions.substr(0, end + 1);
  return none_open && current_transactions(session) == transactions;
}

// Another session that sees what `session` sees in its transaction, where there is enough to read for two; else null.
struct Helper {
  std::unique_ptr<Session> session;
  std::unique_ptr<Transaction> transaction;  // ends first
};

Helper helper_for(Session& session, const IntrospectOptions& options) {
  constexpr int kWorthIt = 500'000;  // bytes of pg_class, some 2,000 rows; a connection costs some 5 ms
  if (!options.as_if.empty() || !options.shared) return {};
  if (session.execute("SELECT pg_catalog.pg_relation_size('pg_catalog.pg_class')").integer(0, 0) < kWorthIt) return {};
  Helper helper;
  helper.session = session.beside();
  if (helper.session == nullptr) return {};
  const std::string snapshot = session.execute("SELECT pg_catalog.pg_export_snapshot()").text(0, 0);
  helper.transaction = std::make_unique<Transaction>(*helper.session, begin(options, snapshot));
  return helper;
}

Attempt read_once(Session& session, const IntrospectOptions& options) {
  Attempt attempt;
  Transaction transaction(session, begin(options));
  const Reading versions = [&](Session& with) { attempt.versions = read_row_versions(with); };
  if (options.shared) {
    attempt.transactions = current_transactions(session);  // takes the snapshot
    if (!options.as_if.empty()) versions(session);         // before they are other ones
  }
  for (const support::Sql& rename : options.as_if) session.execute(rename);
  attempt.server = read_database(session, attempt.snapshot);
  read_default_privileges(session, attempt.snapshot);
  const Helper helper = helper_for(session, options);
  std::optional<Dependencies> found;
  Result sizes;
  std::vector<Reading> others{[&](Session& with) { found.emplace(with); }};
  if (options.shared && options.as_if.empty()) others.push_back(versions);
  if (options.facts) others.emplace_back([&](Session& with) { sizes = with.execute(kSizes); });
  const auto rows = read_rows(session, helper.session.get(), others);
  const Dependencies& dependencies = *found;
  ReadObjects read = read_objects(*rows, dependencies.members(), read_transitional(session), options.former_names);
  if (options.facts) take_sizes(sizes, read, attempt.snapshot);
  if (options.unmanaged) attempt.snapshot.unmanaged = read_unmanaged(session, read, dependencies);
  if (options.as_if.empty()) transaction.commit();
  std::vector<catalog::Edge> edges = dependencies.edges(read);
  if (options.addresses) {
    for (const auto& [address, index] : read.by_address) attempt.snapshot.addresses.emplace(address, read.objects[index].id);
  }
  attempt.snapshot.transitional = std::move(read.transitional);
  attempt.snapshot.catalog = catalog::Catalog(std::move(read.objects), std::move(edges));
  return attempt;
}

std::function<const Extensions&()> extensions_of(Session& session) {
  return [&session, known = std::make_shared<std::optional<Extensions>>()]() -> const Extensions& {
    if (!*known) *known = read_extension_parts(session);
    return **known;
  };
}

// The errors of functions that look up an object which another session has dropped or renamed since our snapshot.
bool means_moved(const DatabaseError& error) {
  static const std::set<std::string> kMissing = {"XX000", "42P01", "42703", "42883", "42704", "3F000", "42P16", "40001"};
  return kMissing.count(error.sqlstate()) > 0;
}

[[noreturn]] void name_blocker(Session& session, const IntrospectOptions& options) {
  const Result holders = session.execute(R"sql(
    SELECT pg_catalog.format('%s is locked (%s) by process %s (%s, role %s, %s for %s s)', l.relation::pg_catalog.regclass, l.mode,
      l.pid, coalesce(nullif(a.application_name, ''), 'no application name'), a.usename, a.state,
      pg_catalog.round(EXTRACT(epoch FROM pg_catalog.clock_timestamp() - coalesce(a.xact_start, a.state_change))))
    FROM pg_catalog.pg_locks l JOIN pg_catalog.pg_stat_activity a ON a.pid = l.pid
    WHERE l.locktype = 'relation' AND l.granted AND l.mode = 'AccessExclusiveLock' AND l.pid <> pg_catalog.pg_backend_pid()
      AND l.database = (SELECT d.oid FROM pg_catalog.pg_database d WHERE d.datname = pg_catalog.current_database())
    ORDER BY 1 LIMIT 5)sql");
  std::string message = "the catalog could not be read within " + std::to_string(options.lock_timeout_ms) +
                        " ms, because another session holds a lock; nothing was changed, run it again when that session is done";
  for (std::size_t row = 0; row < holders.size(); ++row) message += "\n  " + support::visible(holders.text(row, 0));
  if (holders.empty()) message += "\n  (the lock is gone by now)";
  throw CommandError(ExitCode::failed, message);
}

}  // namespace

std::string read_state(Session& session) {
  Transaction transaction(session, begin({}));
  const RowVersions versions = read_row_versions(session);
  Snapshot snapshot;
  const std::string server = read_database(session, snapshot);
  transaction.commit();
  return state_of(snapshot, server, versions);
}

Snapshot introspect(Session& session, const IntrospectOptions& options) {
  std::string what_moved;
  std::optional<RowVersions> at_first_error;
  if (!options.shared) {
    Snapshot snapshot = read_once(session, options).snapshot;
    snapshot.extensions = extensions_of(session);
    return snapshot;
  }
  for (int attempt = 1; attempt <= kAttempts; ++attempt) {
    try {
      Attempt read = read_once(session, options);
      const RowVersions now = nobody_wrote_since(session, read.transactions) ? read.versions : read_row_versions(session);
      what_moved = moved(read.versions, now);
      if (!what_moved.empty()) continue;
      if (now == read.versions) read.snapshot.state = state_of(read.snapshot, read.server, now);
      read.snapshot.extensions = extensions_of(session);
      return std::move(read.snapshot);
    } catch (const DatabaseError& error) {
      if (error.sqlstate() == "55P03") name_blocker(session, options);
      if (!means_moved(error)) throw;
      const RowVersions now = read_row_versions(session);
      if (attempt == kAttempts && at_first_error && now == *at_first_error) throw;  // nobody changes anything
      if (!at_first_error) at_first_error = now;
      what_moved = error.facts().message;
    }
  }
  throw CommandError(
      ExitCode::failed,
      "the schema changed under each of " + std::to_string(kAttempts) + " reads (" + what_moved +
          "): another session keeps running DDL in this database; nothing was changed, run it again when it is done");
}

}  // namespace lockstep::postgres
