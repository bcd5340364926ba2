#include "postgres/journal_guard.h"

#include "support/error.h"

namespace lockstep::postgres {
namespace {

// A trigger that fires for no INSERT on a table that Lockstep only inserts into never fires for Lockstep. A column of a type that
// isn't PostgreSQL's brings casts of its owner's.
constexpr support::Sql kPlanted = R"sql(
WITH trusted (oid) AS (
  SELECT oid FROM pg_roles WHERE rolsuper OR rolname = current_user
), journal AS (
  SELECT c.*, c.relowner IN (SELECT oid FROM trusted) AS own FROM pg_class c
  WHERE c.relnamespace = to_regnamespace('lockstep') AND c.relkind <> 'i'
)
SELECT pg_describe_object(class, object, sub), pg_get_userbyid(owner) FROM (
  SELECT 'pg_class'::regclass::oid AS class, oid AS object, 0 AS sub, relowner AS owner FROM journal
    WHERE NOT own AND relkind NOT IN ('r', 'S')
  UNION ALL SELECT 'pg_class'::regclass, i.inhrelid, 0, c.relowner FROM journal j JOIN pg_inherits i ON i.inhparent = j.oid
    JOIN pg_class c ON c.oid = i.inhrelid WHERE c.relowner NOT IN (SELECT oid FROM trusted) AND c.relkind <> 'i'
  UNION ALL SELECT 'pg_class'::regclass, j.oid, a.attnum, j.relowner FROM journal j JOIN pg_attribute a ON a.attrelid = j.oid
    JOIN pg_type t ON t.oid = a.atttypid
    WHERE NOT j.own AND a.attnum > 0 AND NOT a.attisdropped AND (t.typnamespace <> 'pg_catalog'::regnamespace OR a.atthasdef)
  UNION ALL SELECT 'pg_trigger'::regclass, g.oid, 0, CASE WHEN j.own THEN p.proowner ELSE j.relowner END FROM journal j
    JOIN pg_trigger g ON g.tgrelid = j.oid JOIN pg_proc p ON p.oid = g.tgfoid
    WHERE NOT g.tgisinternal AND (NOT j.own OR p.proowner NOT IN (SELECT oid FROM trusted))
      AND NOT (j.relname IN ('run', 'event', 'backup') AND g.tgtype & 4 = 0)
  UNION ALL SELECT 'pg_rewrite'::regclass, w.oid, 0, j.relowner FROM journal j JOIN pg_rewrite w ON w.ev_class = j.oid
    WHERE NOT j.own AND j.relkind = 'r'
  UNION ALL SELECT 'pg_constraint'::regclass, k.oid, 0, j.relowner FROM journal j JOIN pg_constraint k ON k.conrelid = j.oid
    WHERE NOT j.own AND k.contype IN ('c', 'x')
  UNION ALL SELECT 'pg_class'::regclass, i.indexrelid, 0, j.relowner FROM journal j JOIN pg_index i ON i.indrelid = j.oid
    WHERE NOT j.own AND (i.indexprs IS NOT NULL OR i.indpred IS NOT NULL)
) AS planted ORDER BY 1 LIMIT 1)sql";

}  // namespace

void refuse_planted_journal(Session& session) {
  const Result planted = session.execute(kPlanted);
  if (planted.empty()) return;
  throw support::RefusedError("schema lockstep of this database holds " + planted.text(0, 0) + ", which belongs to " +
                              planted.text(0, 1) +
                              " and is not Lockstep's: what that role makes of it would run with your rights whenever Lockstep "
                              "reads or writes its journal.\nNothing was read there, and nothing was changed. Look at what it "
                              "is; drop or rename it by hand, or connect as " +
                              planted.text(0, 1) + ".");
}

}  // namespace lockstep::postgres
