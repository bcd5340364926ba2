#include "executor/sound_journal.h"

#include <vector>

#include "executor/trusted_roles.h"
#include "support/error.h"
#include "support/sql_text.h"
#include "support/visible.h"

namespace lockstep::executor {
namespace {

// The body of lockstep.refuse_change() in journal_schema.h, the only function that a trigger of the journal may call.
constexpr std::string_view kRefuseChange =
    "BEGIN RAISE EXCEPTION 'lockstep.% is append-only: % is refused', TG_TABLE_NAME, TG_OP; END";

// A statement on a table evaluates its policies, rules, triggers, defaults and constraints, the bound of the partition that it
// is, and through foreign keys what hangs on the tables that refer to it (a deferred trigger there runs at COMMIT). Types, and
// functions of indexes, must be PostgreSQL's own: OIDs from 16384 on belong to users.
constexpr support::Sql kForeign =
    R"sql(WITH ours AS (SELECT c.oid, c.relkind, c.relrowsecurity, 'lockstep.' || quote_ident(c.relname) AS name
  FROM pg_class c WHERE c.relnamespace = to_regnamespace('lockstep')
  AND c.relname IN ('identity', 'run', 'event', 'backup', 'applied', 'object'))
SELECT name || ' is no table' FROM ours WHERE relkind <> 'r'
UNION ALL SELECT name || ' has row security' FROM ours WHERE relrowsecurity
UNION ALL SELECT name || ' has the policy ' || quote_ident(p.polname) FROM ours JOIN pg_policy p ON p.polrelid = ours.oid
UNION ALL SELECT name || ' has the rule ' || quote_ident(r.rulename) FROM ours JOIN pg_rewrite r ON r.ev_class = ours.oid
  WHERE relkind = 'r'
UNION ALL SELECT name || ' has the trigger ' || quote_ident(t.tgname) FROM ours JOIN pg_trigger t ON t.tgrelid = ours.oid
  JOIN pg_proc f ON f.oid = t.tgfoid JOIN pg_language l ON l.oid = f.prolang
  WHERE NOT t.tgisinternal AND NOT (t.tgqual IS NULL AND f.pronamespace = to_regnamespace('lockstep')
    AND f.proname = 'refuse_change' AND f.prosrc = $1 AND l.lanname = 'plpgsql' AND l.oid < 16384
    AND f.proconfig = ARRAY['search_path=""'])
UNION ALL SELECT name || '.' || quote_ident(a.attname) || ' has another type or default'
  FROM ours JOIN pg_attribute a ON a.attrelid = ours.oid LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
  WHERE relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped AND (a.atttypid >= 16384 OR a.attgenerated <> ''
    OR d.oid IS NOT NULL AND pg_get_expr(d.adbin, d.adrelid) <> $$''::text$$)
UNION ALL SELECT name || ' has the constraint ' || quote_ident(k.conname) FROM ours JOIN pg_constraint k ON k.conrelid = ours.oid
  WHERE k.contype IN ('c', 'x')
UNION ALL SELECT name || ' has the index ' || i.indexrelid::regclass::text FROM ours JOIN pg_index i ON i.indrelid = ours.oid
  WHERE i.indexprs IS NOT NULL OR i.indpred IS NOT NULL OR EXISTS (SELECT FROM unnest(i.indclass) AS class WHERE class >= 16384)
UNION ALL SELECT h.inhrelid::regclass::text || ' inherits from ' || name FROM ours JOIN pg_inherits h ON h.inhparent = ours.oid
UNION ALL SELECT name || ' belongs to ' || h.inhparent::regclass::text FROM ours JOIN pg_inherits h ON h.inhrelid = ours.oid
UNION ALL SELECT DISTINCT k.conrelid::regclass::text || ' refers to ' || name FROM ours
  JOIN pg_depend d ON d.refclassid = 'pg_class'::regclass AND d.refobjid = ours.oid AND d.classid = 'pg_constraint'::regclass
  JOIN pg_constraint k ON k.oid = d.objid AND k.confrelid = ours.oid WHERE k.conrelid NOT IN (SELECT oid FROM ours)
UNION ALL SELECT name || ' has the foreign key ' || quote_ident(k.conname) FROM ours JOIN pg_constraint k ON k.conrelid = ours.oid
  WHERE k.contype = 'f' AND k.confrelid NOT IN (SELECT oid FROM ours)
ORDER BY 1)sql";

// Owners, roles with a write privilege, and roles that may write every table. Grantee 0 is PUBLIC.
constexpr support::Sql kWriters =
    R"sql(, ours AS (SELECT c.oid, c.relowner, c.relacl FROM pg_class c WHERE c.relnamespace = to_regnamespace('lockstep')
  AND c.relname IN ('identity', 'run', 'event', 'backup', 'applied', 'object')),
writer (oid) AS (
  SELECT nspowner FROM pg_namespace WHERE nspname = 'lockstep'
  UNION SELECT relowner FROM ours
  UNION SELECT g.grantee FROM ours, aclexplode(ours.relacl) AS g
    WHERE g.privilege_type IN ('INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'TRIGGER')
  UNION SELECT g.grantee FROM ours JOIN pg_attribute a ON a.attrelid = ours.oid, aclexplode(a.attacl) AS g
    WHERE g.privilege_type IN ('INSERT', 'UPDATE')
  UNION SELECT m.oid FROM pg_roles m JOIN pg_roles w ON w.rolname = 'pg_write_all_data'
    WHERE m.oid >= 16384 AND pg_has_role(m.oid, w.oid, 'MEMBER') AND EXISTS (SELECT FROM ours))
SELECT CASE oid WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(oid)) END, quote_ident(current_user)
FROM writer WHERE oid NOT IN (SELECT oid FROM trusted) ORDER BY 1)sql";

}  // namespace

namespace {

struct Writers {
  std::string others, self;  // as SQL names them; no others: empty
};

Writers writers(postgres::Session& session) {
  const auto rows = session.execute("WITH trusted (oid) AS (" + kTrustedRoles + ")" + kWriters);
  if (rows.empty()) return {};
  std::vector<std::string> roles;
  for (std::size_t row = 0; row < rows.size(); ++row) roles.push_back(support::visible(rows.text(row, 0)));
  return {support::join(roles, ", "), support::visible(rows.text(0, 1))};
}

}  // namespace

std::string untrusted_writers_note(postgres::Session& session) {
  const auto [others, self] = writers(session);
  if (others.empty()) return {};
  return others +
         " may write to schema lockstep (by ownership, a grant, or as a member of pg_write_all_data): as long as that is so, " +
         "role " + self + " can neither resume this run nor roll it back; take that right away before you need to";
}

void require_trusted_writers(postgres::Session& session, const std::string& what) {
  const auto [names, self] = writers(session);
  if (names.empty()) return;
  throw support::RefusedError(
      "role " + self + " can't " + what + ": what would be done is read from schema lockstep, which " + names +
      " may write, and it would be done with the rights of " + self +
      ".\nNothing was changed. Connect as a role whose run it is. Or, if " + self +
      " should continue it: look at the journal (`lockstep history`), then let nobody else write to it (a role whose "
      "members deploy may own the schema and its tables: ALTER SCHEMA lockstep OWNER TO …; ALTER TABLE lockstep.… OWNER TO …; "
      "REVOKE …). "
      "Or give the run up: `lockstep resolve --abandon --reason TEXT`.");
}

void require_sound_journal(postgres::Session& session) {
  const auto rows = session.query(kForeign, {std::string(kRefuseChange)});
  if (rows.empty()) return;
  std::string found;
  for (std::size_t row = 0; row < rows.size(); ++row) found += "\n  " + support::visible(rows.text(row, 0));
  throw support::CommandError(
      support::ExitCode::failed,
      "schema \"lockstep\" of this database is not as Lockstep made it:" + found +
          "\nWho owns it may have changed it, and what was put there would run with your rights: so nothing in it was read, and "
          "nothing was changed. Look at it in psql (\\d lockstep.*), take out what doesn't belong there, then run this again.");
}

std::unique_ptr<postgres::Session> connect(const std::string& url, const std::string& application) {
  auto session = postgres::connect(url, application);
  require_sound_journal(*session);
  return session;
}

}  // namespace lockstep::executor
