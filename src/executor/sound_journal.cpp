#include "executor/sound_journal.h"

#include <vector>

#include "support/error.h"
#include "support/sql_text.h"
#include "support/visible.h"

namespace lockstep::executor {
namespace {

// Of lockstep.refuse_change, as journal_schema.h makes it: the one function that a trigger of the journal may call.
constexpr std::string_view kRefuseChange =
    "BEGIN RAISE EXCEPTION 'lockstep.% is append-only: % is refused', TG_TABLE_NAME, TG_OP; END";

// Policies, rules, triggers, defaults and constraints are what a statement on a table evaluates. Types, and the functions of
// indexes, are PostgreSQL's own: OIDs from 16384 on are somebody's.
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
ORDER BY 1)sql";

// Owners, and who was given a right to write. Grantee 0 is PUBLIC.
constexpr support::Sql kWriters =
    R"sql(SELECT DISTINCT CASE writer WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(writer)) END FROM (
  SELECT nspowner AS writer FROM pg_namespace WHERE nspname = 'lockstep'
  UNION SELECT c.relowner FROM pg_class c
    WHERE c.relnamespace = to_regnamespace('lockstep') AND c.relname IN ('run', 'event', 'object')
  UNION SELECT g.grantee FROM pg_class c, aclexplode(c.relacl) AS g
    WHERE c.relnamespace = to_regnamespace('lockstep') AND c.relname IN ('run', 'event', 'object')
    AND g.privilege_type IN ('INSERT', 'UPDATE', 'TRIGGER')) AS w
WHERE current_setting('is_superuser') = 'on' AND writer NOT IN (SELECT oid FROM pg_roles WHERE rolsuper) ORDER BY 1)sql";

}  // namespace

void require_trusted_writers(postgres::Session& session, const std::string& what) {
  const auto rows = session.execute(kWriters);
  if (rows.empty()) return;
  std::vector<std::string> roles;
  for (std::size_t row = 0; row < rows.size(); ++row) roles.push_back(support::visible(rows.text(row, 0)));
  const std::string names = support::join(roles, ", ");
  throw support::RefusedError("a superuser can't " + what + ": its statements stand in schema lockstep, which " + names +
                              " may write, and they would run with a superuser's rights.\nNothing was changed. Connect as " +
                              names + ", whose run it is, or as another role that isn't a superuser.");
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
