#include "postgres/foreign_code.h"

namespace lockstep::postgres {
namespace {

using catalog::Path;
using support::Sql;

// The expressions of foreign roles, as trees. They are searched only for PostgreSQL's own functions, since all others are in
// pg_depend. Such a function can do more than compute if it is volatile, or if it runs a query that it is given (table_to_xml).
constexpr Sql kSeeds = R"sql(
WITH RECURSIVE trusted (oid) AS (
  SELECT oid FROM pg_roles WHERE rolsuper OR rolname = current_user
), written (class, object, owner, tree) AS (
  SELECT 'pg_constraint'::regclass::oid, k.oid, coalesce(c.relowner, t.typowner), k.conbin::text
    FROM pg_constraint k LEFT JOIN pg_class c ON c.oid = k.conrelid LEFT JOIN pg_type t ON t.oid = k.contypid WHERE k.contype = 'c'
  UNION ALL SELECT 'pg_attrdef'::regclass, d.oid, c.relowner, d.adbin::text
    FROM pg_attrdef d JOIN pg_class c ON c.oid = d.adrelid
  UNION ALL SELECT 'pg_rewrite'::regclass, r.oid, c.relowner, concat(r.ev_qual::text, r.ev_action::text)
    FROM pg_rewrite r JOIN pg_class c ON c.oid = r.ev_class
  UNION ALL SELECT 'pg_class'::regclass, i.indexrelid, c.relowner, concat(i.indexprs::text, i.indpred::text)
    FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid
  UNION ALL SELECT 'pg_class'::regclass, p.partrelid, c.relowner, p.partexprs::text
    FROM pg_partitioned_table p JOIN pg_class c ON c.oid = p.partrelid
  UNION ALL SELECT 'pg_trigger'::regclass, g.oid, c.relowner, g.tgqual::text FROM pg_trigger g JOIN pg_class c ON c.oid = g.tgrelid
  UNION ALL SELECT 'pg_trigger'::regclass, g.oid, a.grantee, g.tgqual::text
    FROM pg_trigger g JOIN pg_class c ON c.oid = g.tgrelid CROSS JOIN LATERAL aclexplode(c.relacl) AS a
    WHERE a.privilege_type = 'TRIGGER'
  UNION ALL SELECT 'pg_statistic_ext'::regclass, s.oid, s.stxowner, s.stxexprs::text FROM pg_statistic_ext s
  UNION ALL SELECT 'pg_type'::regclass, t.oid, t.typowner, t.typdefaultbin::text FROM pg_type t
), seed (class, object, owner) AS (
  SELECT 'pg_proc'::regclass::oid, oid, proowner FROM pg_proc WHERE proowner NOT IN (SELECT oid FROM trusted)
  UNION ALL
  SELECT 'pg_class'::regclass, f.ftrelid, CASE WHEN c.relowner IN (SELECT oid FROM trusted) THEN s.srvowner ELSE c.relowner END
  FROM pg_foreign_table f JOIN pg_class c ON c.oid = f.ftrelid JOIN pg_foreign_server s ON s.oid = f.ftserver
  WHERE c.relowner NOT IN (SELECT oid FROM trusted) OR s.srvowner NOT IN (SELECT oid FROM trusted)
  UNION ALL
  SELECT class, object, owner FROM written WHERE CASE WHEN tree IS NULL OR owner IN (SELECT oid FROM trusted) THEN false ELSE EXISTS (
    SELECT FROM regexp_matches(tree, ':(?:op)?funcid (\d+)', 'g') AS m (found)
    JOIN pg_proc p ON p.oid = m.found[1]::oid AND p.oid < 16384
    WHERE p.provolatile = 'v' AND p.proname NOT IN ('random', 'gen_random_uuid', 'uuidv4', 'uuidv7', 'clock_timestamp', 'timeofday',
        'nextval', 'currval', 'lastval')
      OR p.proname ~ '_to_xml') END
),)sql";

// The closure over PostgreSQL's dependencies, from the inside outwards. `generic`: every dependent of one of these evaluates
// it, or may.
// A value of a table's row type evaluates the types of its columns. A domain's check is evaluated with the domain. Reading a
// view evaluates its query, and so does reading a table with virtual columns. Reading a table reads its partitions and
// children, including foreign tables.
constexpr Sql kReached = R"sql(
generic (class) AS (
  SELECT unnest('{pg_proc,pg_operator,pg_type,pg_opclass,pg_opfamily,pg_language,pg_transform,pg_am,pg_ts_parser,pg_ts_template,pg_ts_dict,pg_ts_config,pg_foreign_data_wrapper,pg_foreign_server}'::regclass[])::oid
), reached (class, object, seed_class, seed) AS (
  SELECT class, object, class, object FROM seed
  UNION
  SELECT o.class, o.object, r.seed_class, r.seed FROM reached r CROSS JOIN LATERAL (
    SELECT d.classid AS class, d.objid AS object FROM pg_depend d
      WHERE d.refclassid = r.class AND d.refobjid = r.object AND d.deptype IN ('n', 'a', 'i') AND r.class IN (SELECT class FROM generic)
        AND d.classid NOT IN ('pg_class'::regclass, 'pg_policy'::regclass)
        AND NOT (d.classid = 'pg_cast'::regclass AND r.class = 'pg_type'::regclass)
    UNION ALL
    SELECT CASE WHEN own THEN 'pg_class'::regclass ELSE 'pg_type'::regclass END, CASE WHEN own THEN c.oid ELSE c.reltype END
      FROM pg_depend d JOIN pg_class c ON c.oid = d.objid
      CROSS JOIN LATERAL (SELECT d.objsubid = 0 AND c.relkind IN ('i', 'I', 'p', 'f') AND c.reloftype <> r.object) AS x (own)
      WHERE d.refclassid = r.class AND d.refobjid = r.object AND d.deptype IN ('n', 'a', 'i') AND r.class IN (SELECT class FROM generic)
        AND d.classid = 'pg_class'::regclass
    UNION ALL
    SELECT d.refclassid, d.refobjid FROM pg_depend d
      WHERE d.classid = r.class AND d.objid = r.object AND r.class IN ('pg_amop'::regclass, 'pg_amproc'::regclass)
        AND d.refclassid IN ('pg_opclass'::regclass, 'pg_opfamily'::regclass)
    UNION ALL
    SELECT 'pg_type'::regclass, k.opcintype FROM pg_opclass k
      WHERE r.class = 'pg_opclass'::regclass AND k.oid = r.object AND k.opcdefault AND k.opcintype >= 16384
    UNION ALL
    SELECT 'pg_type'::regclass, k.contypid FROM pg_constraint k WHERE r.class = 'pg_constraint'::regclass AND k.oid = r.object
    UNION ALL
    SELECT 'pg_class'::regclass, c.oid FROM pg_rewrite w JOIN pg_class c ON c.oid = w.ev_class AND c.relkind = 'v'
      WHERE r.class = 'pg_rewrite'::regclass AND w.oid = r.object AND w.ev_type = '1'
    UNION ALL
    SELECT 'pg_class'::regclass, a.attrelid FROM pg_attrdef f JOIN pg_attribute a ON a.attrelid = f.adrelid AND a.attnum = f.adnum
      WHERE r.class = 'pg_attrdef'::regclass AND f.oid = r.object AND a.attgenerated = 'v'
    UNION ALL
    SELECT 'pg_class'::regclass, i.inhparent FROM pg_inherits i
      WHERE r.class = 'pg_class'::regclass AND i.inhrelid = r.object AND r.seed_class = 'pg_class'::regclass
        AND r.seed IN (SELECT f.ftrelid FROM pg_foreign_table f)
    UNION ALL
    SELECT d.classid, d.objid FROM pg_depend d
      WHERE r.class = 'pg_class'::regclass AND d.refclassid = r.class AND d.refobjid = r.object AND d.deptype IN ('n', 'a', 'i')
        AND d.classid IN ('pg_rewrite'::regclass, 'pg_proc'::regclass)
        AND EXISTS (SELECT FROM pg_class c WHERE c.oid = r.object AND (c.relkind = 'v' OR EXISTS (SELECT FROM pg_attribute a
          WHERE a.attrelid = c.oid AND a.attgenerated = 'v') OR EXISTS (SELECT FROM pg_foreign_table f WHERE f.ftrelid = r.seed)))
  ) AS o WHERE o.object <> 0
),)sql";

// Code attached to a table. PostgreSQL carries a change to referring tables with their owners' rights, but for what waits until
// COMMIT: their deferrable triggers. `kind`: R for all of its rows, U for updates only, I for inserts only, N for new rows
// without a value.
constexpr Sql kHanging = R"sql(
hanging (kind, relation, class, object) AS (
  SELECT 'R', k.conrelid, r.class, r.object FROM reached r JOIN pg_constraint k ON k.oid = r.object
    WHERE r.class = 'pg_constraint'::regclass AND k.conrelid <> 0
  UNION SELECT 'R', d.adrelid, r.class, r.object FROM reached r JOIN pg_attrdef d ON d.oid = r.object
    JOIN pg_attribute a ON a.attrelid = d.adrelid AND a.attnum = d.adnum AND a.attgenerated <> '' WHERE r.class = 'pg_attrdef'::regclass
  UNION SELECT 'R', i.indrelid, r.class, r.object FROM reached r JOIN pg_index i ON i.indexrelid = r.object
    WHERE r.class = 'pg_class'::regclass
  UNION SELECT 'R', p.partrelid, r.class, r.object FROM reached r JOIN pg_partitioned_table p ON p.partrelid = r.object
    WHERE r.class = 'pg_class'::regclass AND r.seed NOT IN (SELECT f.ftrelid FROM pg_foreign_table f)
  UNION SELECT 'R', s.stxrelid, r.class, r.object FROM reached r JOIN pg_statistic_ext s ON s.oid = r.object
    WHERE r.class = 'pg_statistic_ext'::regclass
  UNION SELECT 'U', g.tgrelid, r.class, r.object FROM reached r JOIN pg_trigger g ON g.oid = r.object
    WHERE r.class = 'pg_trigger'::regclass AND g.tgenabled NOT IN ('D', 'R') AND (g.tgtype & 16) <> 0
  UNION SELECT 'U', w.ev_class, r.class, r.object FROM reached r JOIN pg_rewrite w ON w.oid = r.object
    WHERE r.class = 'pg_rewrite'::regclass AND w.ev_type = '2' AND w.ev_enabled NOT IN ('D', 'R')
  UNION SELECT 'I', g.tgrelid, r.class, r.object FROM reached r JOIN pg_trigger g ON g.oid = r.object
    WHERE r.class = 'pg_trigger'::regclass AND g.tgenabled NOT IN ('D', 'R') AND (g.tgtype & 4) <> 0
  UNION SELECT 'I', w.ev_class, r.class, r.object FROM reached r JOIN pg_rewrite w ON w.oid = r.object
    WHERE r.class = 'pg_rewrite'::regclass AND w.ev_type = '3' AND w.ev_enabled NOT IN ('D', 'R')
  UNION SELECT 'N', d.adrelid, r.class, r.object FROM reached r JOIN pg_attrdef d ON d.oid = r.object
    JOIN pg_attribute a ON a.attrelid = d.adrelid AND a.attnum = d.adnum AND a.attgenerated = '' WHERE r.class = 'pg_attrdef'::regclass
), above (relation, top) AS (
  SELECT relation, relation FROM hanging UNION SELECT a.relation, i.inhparent FROM above a JOIN pg_inherits i ON i.inhrelid = a.top
), below (relation, bottom) AS (
  SELECT h.relation, h.relation FROM hanging h JOIN pg_partitioned_table p ON p.partrelid = h.relation AND h.object = p.partrelid
  UNION SELECT b.relation, i.inhrelid FROM below b JOIN pg_inherits i ON i.inhparent = b.bottom
), carried (relation, class, object) AS (  -- to the tables that a referenced one's change is carried to
  SELECT k.confrelid, r.class, r.object FROM reached r JOIN pg_trigger g ON g.oid = r.object
    JOIN pg_constraint k ON k.conrelid = g.tgrelid AND k.contype = 'f' AND k.confupdtype IN ('c', 'n', 'd')
    WHERE r.class = 'pg_trigger'::regclass AND g.tgenabled NOT IN ('D', 'R') AND g.tgdeferrable AND (g.tgtype & 16) <> 0
  UNION SELECT k.confrelid, c.class, c.object FROM carried c
    JOIN pg_constraint k ON k.conrelid = c.relation AND k.contype = 'f' AND k.confupdtype IN ('c', 'n', 'd')
), hung (kind, relation, class, object) AS (
  SELECT 'U', relation, class, object FROM carried
  UNION SELECT h.kind, a.top, h.class, h.object FROM hanging h JOIN above a USING (relation)
  UNION SELECT h.kind, b.bottom, h.class, h.object FROM hanging h JOIN below b USING (relation) WHERE h.object = h.relation
), base (type, schema, name) AS (
  SELECT t.oid, n.nspname, e.typname FROM pg_type t
  JOIN pg_type e ON e.oid = CASE WHEN t.typcategory = 'A' AND t.typelem <> 0 THEN t.typelem ELSE t.oid END
  JOIN pg_namespace n ON n.oid = e.typnamespace
), found (kind, a, b, c, d, class, object) AS (
  SELECT 'F', n.nspname::text, p.proname::text, coalesce((SELECT string_agg(format_type(t.type, NULL), ', ' ORDER BY t.i)
      FROM unnest(p.proargtypes::oid[]) WITH ORDINALITY AS t (type, i)), ''), NULL::text, r.class, r.object
    FROM reached r JOIN pg_proc p ON p.oid = r.object JOIN pg_namespace n ON n.oid = p.pronamespace WHERE r.class = 'pg_proc'::regclass
  UNION SELECT 'T', b.schema, b.name, NULL, NULL, r.class, r.object FROM reached r JOIN base b ON b.type = r.object
    WHERE r.class = 'pg_type'::regclass
  UNION SELECT 'V', n.nspname, c.relname, NULL, NULL, r.class, r.object FROM reached r JOIN pg_class c ON c.oid = r.object
    JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE r.class = 'pg_class'::regclass AND c.relkind IN ('v', 'r', 'p', 'f')
  UNION SELECT h.kind, n.nspname, c.relname, NULL, NULL, h.class, h.object FROM hung h JOIN pg_class c ON c.oid = h.relation
    JOIN pg_namespace n ON n.oid = c.relnamespace
  UNION SELECT 'C', s.schema, s.name, t.schema, t.name, r.class, r.object FROM reached r JOIN pg_cast k ON k.oid = r.object
    JOIN base s ON s.type = k.castsource JOIN base t ON t.type = k.casttarget WHERE r.class = 'pg_cast'::regclass
  UNION SELECT 'E', NULL, NULL, NULL, NULL, r.class, r.object FROM reached r JOIN pg_event_trigger e ON e.oid = r.object
    WHERE r.class = 'pg_event_trigger'::regclass AND e.evtenabled NOT IN ('D', 'R')
))sql";

// The path of a seed, as kinds have it.
constexpr Sql kAnswer = R"sql(
SELECT DISTINCT f.kind, f.a, f.b, f.c, f.d, pg_describe_object(f.class, f.object, 0),
  concat(pg_describe_object(s.class, s.object, 0), ' of server ' || quote_ident(w.srvname)),
  pg_get_userbyid(s.owner),
  s.owner = (SELECT datdba FROM pg_database WHERE datname = current_database())
    OR NOT (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) AND pg_has_role(s.owner, 'MEMBER'),
  CASE WHEN w.srvname IS NOT NULL THEN '{}' ELSE CASE s.class
    WHEN 'pg_proc'::regclass THEN (SELECT ARRAY[n.nspname::text, p.proname::text, coalesce((
        SELECT string_agg(format_type(t.type, NULL), ', ' ORDER BY t.i) FROM unnest(p.proargtypes::oid[]) WITH ORDINALITY AS t (type, i)), '')]
      FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE p.oid = s.object)
    WHEN 'pg_type'::regclass THEN (SELECT ARRAY[n.nspname::text, t.typname::text]
      FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace WHERE t.oid = s.object)
    WHEN 'pg_constraint'::regclass THEN (SELECT ARRAY[n.nspname::text, coalesce(c.relname, t.typname)::text, k.conname::text]
      FROM pg_constraint k JOIN pg_namespace n ON n.oid = k.connamespace LEFT JOIN pg_class c ON c.oid = k.conrelid
      LEFT JOIN pg_type t ON t.oid = k.contypid WHERE k.oid = s.object)
    WHEN 'pg_class'::regclass THEN (SELECT CASE WHEN i.indexrelid IS NULL THEN ARRAY[n.nspname::text, c.relname::text]
        ELSE ARRAY[n.nspname::text, t.relname::text, c.relname::text] END
      FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace LEFT JOIN pg_index i ON i.indexrelid = c.oid
      LEFT JOIN pg_class t ON t.oid = i.indrelid WHERE c.oid = s.object)
    ELSE array_remove((SELECT i.object_names FROM pg_identify_object_as_address(s.class, s.object, 0) AS i), '_RETURN') END END, w.srvname IS NOT NULL
FROM found f JOIN reached r ON r.class = f.class AND r.object = f.object
JOIN seed s ON s.class = r.seed_class AND s.object = r.seed
LEFT JOIN (pg_foreign_table t JOIN pg_foreign_server w ON w.oid = t.ftserver) ON s.class = 'pg_class'::regclass AND t.ftrelid = s.object
ORDER BY 1, 2, 3, 4, 5, 6, 7)sql";

}  // namespace

bool Evaluated::empty() const {
  return routines.empty() && types.empty() && relations.empty() && rows.empty() && updates.empty() && inserts.empty() &&
         defaults.empty() && casts.empty() && statements.empty();
}

Evaluated read_evaluated(Session& session) {
  const Result result = session.execute(kSeeds + kReached + kHanging + kAnswer);
  Evaluated evaluated;
  for (std::size_t row = 0; row < result.size(); ++row) {
    const Path pair{result.text(row, 1), result.text(row, 2)};
    ForeignCode code{result.text(row, 5), result.text(row, 6),    parse_array(result.text(row, 9)),
                     result.text(row, 7), result.boolean(row, 8), result.boolean(row, 10)};
    switch (result.text(row, 0).front()) {
      case 'F':
        evaluated.routines[{pair[0], pair[1], result.text(row, 3)}].push_back(std::move(code));
        break;
      case 'T':
        evaluated.types[pair].push_back(std::move(code));
        break;
      case 'V':
        evaluated.relations[pair].push_back(std::move(code));
        break;
      case 'R':
        evaluated.rows[pair].push_back(std::move(code));
        break;
      case 'U':
        evaluated.updates[pair].push_back(std::move(code));
        break;
      case 'I':
        evaluated.inserts[pair].push_back(std::move(code));
        break;
      case 'N':
        evaluated.defaults[pair].push_back(std::move(code));
        break;
      case 'C':
        evaluated.casts.push_back({pair, {result.text(row, 3), result.text(row, 4)}, std::move(code)});
        break;
      default:
        evaluated.statements.push_back(std::move(code));
    }
  }
  return evaluated;
}

}  // namespace lockstep::postgres
