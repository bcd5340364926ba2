#include "postgres/extension_parts.h"

#include "session/quiet.h"
#include "support/error.h"

namespace lockstep::postgres {
namespace {

// A type modifier is a number that only the extension can interpret. Here it is the OID of an enum label, whose text is what
// the live database prints: TYPMOD_OUT is enum_out, and TYPMOD_IN looks labels up, ignoring case, or adds one.
constexpr support::Sql kMembers = R"sql(
WITH m AS MATERIALIZED (
  SELECT e.extname AS extension, d.classid, d.objid FROM pg_depend d JOIN pg_extension e ON e.oid = d.refobjid
  WHERE d.refclassid = 'pg_extension'::regclass AND d.deptype = 'e' AND e.extname <> 'plpgsql'
), base AS MATERIALIZED (
  SELECT m.*, n.nspname, t.* FROM m JOIN pg_type t ON m.classid = 'pg_type'::regclass AND t.oid = m.objid
    JOIN pg_namespace n ON n.oid = t.typnamespace
  WHERE t.typtype = 'b' AND NOT EXISTS (SELECT FROM pg_type e WHERE e.typarray = t.oid)
), typmods AS MATERIALIZED (
  SELECT b.extension, format('%I.%I', min(n.nspname), 'lockstep typmods of ' || b.extension) AS name
  FROM base b JOIN pg_extension e ON e.extname = b.extension JOIN pg_namespace n ON n.oid = e.extnamespace
  WHERE b.typmodin <> 0 GROUP BY b.extension
), routine AS MATERIALIZED (
  SELECT m.*, n.nspname, p.*,
    EXISTS (SELECT FROM base b WHERE p.oid IN (b.typinput, b.typoutput, b.typreceive, b.typsend, b.typmodin, b.typmodout)) AS of_type,
    p.proargtypes::oid[] && ARRAY['"any"'::regtype, '_record'::regtype]::oid[] OR EXISTS (
      SELECT FROM unnest(p.prorettype || coalesce(p.proallargtypes, p.proargtypes::oid[])) AS u (type) JOIN pg_type t ON t.oid = u.type
      WHERE t.typtype = 'p' AND t.typname !~ '^any.' AND t.typname NOT IN ('void', 'record', 'trigger', 'event_trigger')
        OR t.oid = '_cstring'::regtype) AS internal
  FROM m JOIN pg_proc p ON m.classid = 'pg_proc'::regclass AND p.oid = m.objid JOIN pg_namespace n ON n.oid = p.pronamespace
), part AS ()sql";

// rank, the object's address (0: nothing to add), statement
constexpr support::Sql kTypes = R"sql(
  SELECT extension, 0 AS rank, classid, objid, format('CREATE SCHEMA %I', n.nspname) AS statement
  FROM m JOIN pg_namespace n ON m.classid = 'pg_namespace'::regclass AND n.oid = m.objid
  UNION ALL
  SELECT extension, 1, 0, 0, format('GRANT USAGE ON SCHEMA %I TO PUBLIC', n.nspname)
  FROM m JOIN pg_namespace n ON m.classid = 'pg_namespace'::regclass AND n.oid = m.objid
  UNION ALL
  SELECT extension, 1, 0, 0, format('CREATE TYPE %I.%I', nspname, typname) FROM base
  UNION ALL
  SELECT y.extension, 1, 0, 0, 'CREATE TYPE ' || y.name || ' AS ENUM (' || coalesce((
      SELECT string_agg(DISTINCT quote_literal(substring(format_type(a.atttypid, a.atttypmod), '\([^()]*\)')), ', ')
      FROM base b JOIN pg_attribute a ON a.atttypid IN (b.oid, b.typarray) AND a.atttypmod >= 0
      WHERE b.extension = y.extension), '') || ')'
  FROM typmods y
  UNION ALL
  SELECT extension, 2, 0, 0, format('ALTER EXTENSION %I ADD TYPE %s', extension, name) FROM typmods
  UNION ALL
  SELECT b.extension, 3, b.classid, b.objid, format('CREATE TYPE %I.%I (%s)', b.nspname, b.typname, concat_ws(', ',
      format('INPUT = %s, OUTPUT = %s, CATEGORY = %L, PREFERRED = %s, DELIMITER = %L, COLLATABLE = %s', b.typinput::regproc,
        b.typoutput::regproc, b.typcategory, b.typispreferred::text, b.typdelim, (b.typcollation <> 0)::text),
      'TYPMOD_IN = ' || nullif(b.typmodin::oid, 0)::regproc, 'TYPMOD_OUT = ' || nullif(b.typmodout::oid, 0)::regproc,
      CASE WHEN EXISTS (SELECT FROM m WHERE m.objid = b.typinput AND m.classid = 'pg_proc'::regclass) THEN 'STORAGE = extended'
      ELSE format('INTERNALLENGTH = %s, ALIGNMENT = %s, STORAGE = %s%s', CASE WHEN b.typlen < 0 THEN 'VARIABLE' ELSE b.typlen::text END,
        CASE b.typalign WHEN 'c' THEN 'char' WHEN 's' THEN 'int2' WHEN 'i' THEN 'int4' ELSE 'double' END,
        CASE b.typstorage WHEN 'p' THEN 'plain' WHEN 'e' THEN 'external' WHEN 'm' THEN 'main' ELSE 'extended' END,
        CASE WHEN b.typbyval THEN ', PASSEDBYVALUE' ELSE '' END) END))
  FROM base b
  UNION ALL
  SELECT m.extension, 4, m.classid, m.objid, 'CREATE ' || CASE t.typtype
      WHEN 'd' THEN format('DOMAIN %I.%I AS %s', n.nspname, t.typname, format_type(t.typbasetype, t.typtypmod))
      WHEN 'e' THEN format('TYPE %I.%I AS ENUM (%s)', n.nspname, t.typname, (
        SELECT string_agg(quote_literal(e.enumlabel), ', ' ORDER BY e.enumsortorder) FROM pg_enum e WHERE e.enumtypid = t.oid))
      ELSE format('TYPE %I.%I AS (%s)', n.nspname, t.typname, (
        SELECT string_agg(format('%I %s', a.attname, format_type(a.atttypid, a.atttypmod)), ', ' ORDER BY a.attnum)
        FROM pg_attribute a WHERE a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped)) END
  FROM m JOIN pg_type t ON m.classid = 'pg_type'::regclass AND t.oid = m.objid JOIN pg_namespace n ON n.oid = t.typnamespace
    LEFT JOIN pg_class c ON c.oid = t.typrelid
  WHERE t.typtype IN ('d', 'e') OR t.typtype = 'c' AND c.relkind = 'c'
  UNION ALL
  SELECT m.extension, 4, m.classid, m.objid, CASE c.relkind WHEN 'S' THEN format('CREATE SEQUENCE %I.%I', n.nspname, c.relname)
      WHEN 'r' THEN format('CREATE TABLE %I.%I (%s)', n.nspname, c.relname, concat_ws(', ',
        string_agg(format('%I %s', a.attname, format_type(a.atttypid, a.atttypmod)), ', ' ORDER BY a.attnum),
        (SELECT string_agg(pg_get_constraintdef(k.oid), ', ') FROM pg_constraint k WHERE k.conrelid = c.oid AND k.contype IN ('p', 'u'))))
      ELSE format('CREATE VIEW %I.%I AS SELECT %s', n.nspname, c.relname,
        string_agg(format('NULL::%s AS %I', format_type(a.atttypid, a.atttypmod), a.attname), ', ' ORDER BY a.attnum)) END
  FROM m JOIN pg_class c ON m.classid = 'pg_class'::regclass AND c.oid = m.objid JOIN pg_namespace n ON n.oid = c.relnamespace
    LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
  WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S') GROUP BY m.extension, m.classid, m.objid, n.nspname, c.oid, c.relname, c.relkind
  UNION ALL
  SELECT m.extension, 5, 0, 0, format('GRANT SELECT%s ON %I.%I TO PUBLIC', CASE c.relkind WHEN 'r' THEN ', REFERENCES' ELSE '' END,
      n.nspname, c.relname)
  FROM m JOIN pg_class c ON m.classid = 'pg_class'::regclass AND c.oid = m.objid JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S')
  UNION ALL
  SELECT m.extension, 4, m.classid, m.objid, format('CREATE TRUSTED LANGUAGE %I HANDLER pg_catalog.plpgsql_call_handler', l.lanname)
  FROM m JOIN pg_language l ON m.classid = 'pg_language'::regclass AND l.oid = m.objid
  UNION ALL
  SELECT m.extension, 4, m.classid, m.objid, format('CREATE FOREIGN DATA WRAPPER %I', w.fdwname)
  FROM m JOIN pg_foreign_data_wrapper w ON m.classid = 'pg_foreign_data_wrapper'::regclass AND w.oid = m.objid)sql";

// A body in PL/pgSQL if the language accepts the types. If it is called during constant folding it must return null instead of
// failing.
constexpr support::Sql kRoutines = R"sql(
  UNION ALL
  SELECT p.extension, CASE WHEN p.of_type THEN 2 ELSE 5 END, p.classid, p.objid,
    format('CREATE %s %I.%I(%s)', CASE p.prokind WHEN 'p' THEN 'PROCEDURE' ELSE 'FUNCTION' END, p.nspname, p.proname,
      pg_get_function_arguments(p.oid))
    || CASE WHEN p.prokind = 'p' THEN '' ELSE ' RETURNS ' || pg_get_function_result(p.oid)
      || CASE WHEN p.prokind = 'w' THEN ' WINDOW' ELSE '' END
      || CASE WHEN EXISTS (SELECT FROM base b WHERE b.typmodin = p.oid) THEN '' WHEN p.provolatile = 'i' THEN ' IMMUTABLE'
         WHEN p.provolatile = 's' THEN ' STABLE' ELSE '' END
      || CASE WHEN p.proisstrict THEN ' STRICT' ELSE '' END
      || CASE p.proparallel WHEN 's' THEN ' PARALLEL SAFE' WHEN 'r' THEN ' PARALLEL RESTRICTED' ELSE '' END END
    || CASE
      WHEN EXISTS (SELECT FROM base b WHERE b.typinput = p.oid) THEN ' LANGUAGE internal AS ''textin'''
      WHEN EXISTS (SELECT FROM base b WHERE b.typoutput = p.oid) THEN ' LANGUAGE internal AS ''textout'''
      WHEN EXISTS (SELECT FROM base b WHERE b.typreceive = p.oid) THEN ' LANGUAGE internal AS ''textrecv'''
      WHEN EXISTS (SELECT FROM base b WHERE b.typsend = p.oid) THEN ' LANGUAGE internal AS ''textsend'''
      WHEN EXISTS (SELECT FROM base b WHERE b.typmodout = p.oid) THEN ' LANGUAGE internal AS ''enum_out'''
      WHEN EXISTS (SELECT FROM base b WHERE b.typmodin = p.oid) THEN ' LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS '
        || quote_literal(format($body$
DECLARE wanted text := '(' || array_to_string($1, ',') || ')'; found oid;
BEGIN
  SELECT e.oid INTO found FROM pg_enum e WHERE e.enumtypid = %1$L::regtype AND lower(e.enumlabel) = lower(wanted) ORDER BY 1 LIMIT 1;
  IF found IS NULL THEN
    INSERT INTO pg_enum (oid, enumtypid, enumsortorder, enumlabel)
      SELECT coalesce(max(e.oid)::bigint, 16384) + 2, %1$L::regtype, count(*) + 1, wanted FROM pg_enum e RETURNING oid INTO found;
  END IF;
  RETURN found;
END$body$, (SELECT y.name FROM typmods y WHERE y.extension = p.extension)))
      WHEN p.internal THEN ' LANGUAGE internal AS ''any_in'''  -- always an error
      WHEN p.prokind = 'p' OR p.proretset OR p.proargmodes && ARRAY['o', 'b', 't']::"char"[] OR p.prorettype = 'void'::regtype
        THEN ' LANGUAGE plpgsql AS ''BEGIN END'''
      ELSE ' LANGUAGE plpgsql AS ''BEGIN RETURN NULL; END'''
    END
  FROM routine p WHERE p.prokind <> 'a'
  UNION ALL
  SELECT p.extension, 7, p.classid, p.objid, format('CREATE AGGREGATE %I.%I(%s) (%s)', p.nspname, p.proname,
      CASE WHEN p.pronargs = 0 THEN '*' ELSE pg_get_function_arguments(p.oid) END, concat_ws(', ',
        'SFUNC = ' || a.aggtransfn::regproc, 'STYPE = ' || format_type(a.aggtranstype, NULL),
        'FINALFUNC = ' || nullif(a.aggfinalfn::oid, 0)::regproc, CASE WHEN a.aggfinalextra THEN 'FINALFUNC_EXTRA' END,
        'INITCOND = ' || quote_literal(a.agginitval), CASE WHEN a.aggkind = 'h' THEN 'HYPOTHETICAL' END))
  FROM routine p JOIN pg_aggregate a ON a.aggfnoid = p.oid
  UNION ALL
  SELECT m.extension, 6, m.classid, m.objid, format('CREATE OPERATOR %I.%s (%s)', n.nspname, o.oprname, concat_ws(', ',
      'FUNCTION = ' || o.oprcode::regproc, 'LEFTARG = ' || CASE WHEN o.oprleft <> 0 THEN format_type(o.oprleft, NULL) END,
      'RIGHTARG = ' || CASE WHEN o.oprright <> 0 THEN format_type(o.oprright, NULL) END,
      (SELECT format('COMMUTATOR = OPERATOR(%I.%s)', y.nspname, x.oprname)
       FROM pg_operator x JOIN pg_namespace y ON y.oid = x.oprnamespace WHERE x.oid = o.oprcom),
      (SELECT format('NEGATOR = OPERATOR(%I.%s)', y.nspname, x.oprname)
       FROM pg_operator x JOIN pg_namespace y ON y.oid = x.oprnamespace WHERE x.oid = o.oprnegate)))
  FROM m JOIN pg_operator o ON m.classid = 'pg_operator'::regclass AND o.oid = m.objid JOIN pg_namespace n ON n.oid = o.oprnamespace
  WHERE o.oprcode <> 0
  UNION ALL
  SELECT m.extension, 8, m.classid, m.objid, format('CREATE CAST (%s AS %s) ', format_type(c.castsource, NULL), format_type(c.casttarget, NULL))
    || CASE WHEN c.castmethod = 'i' THEN 'WITH INOUT' WHEN c.castmethod = 'b'
      THEN CASE WHEN (SELECT bool_and(y.oid IN ('text'::regtype, 'varchar'::regtype, 'bpchar'::regtype, 'bytea'::regtype)
            OR EXISTS (SELECT FROM base b WHERE b.oid = y.oid)) FROM pg_type y WHERE y.oid IN (c.castsource, c.casttarget))
        THEN 'WITHOUT FUNCTION' ELSE 'WITH INOUT' END  -- a stub type is text inside, and nothing else may be read from it
      ELSE 'WITH FUNCTION ' || c.castfunc::regprocedure END
    || CASE c.castcontext WHEN 'a' THEN ' AS ASSIGNMENT' WHEN 'i' THEN ' AS IMPLICIT' ELSE '' END
  FROM m JOIN pg_cast c ON m.classid = 'pg_cast'::regclass AND c.oid = m.objid)sql";

// The extension's own access methods get GiST's handler, because GiST calls none of an operator class's functions before there
// is a row (a B-tree would call them, and notice). If such a function is called, it raises an error. An operator class for one
// of PostgreSQL's methods contains only the functions that its method doesn't call before there is a row.
constexpr support::Sql kAccessMethods = R"sql(
  UNION ALL
  SELECT m.extension, 9, m.classid, m.objid, format('CREATE ACCESS METHOD %I TYPE %s', a.amname,
      CASE a.amtype WHEN 't' THEN 'TABLE HANDLER pg_catalog.heap_tableam_handler' ELSE 'INDEX HANDLER pg_catalog.gisthandler' END)
  FROM m JOIN pg_am a ON m.classid = 'pg_am'::regclass AND a.oid = m.objid
  UNION ALL
  SELECT m.extension, 10, m.classid, m.objid, format('CREATE OPERATOR FAMILY %I.%I USING %I', n.nspname, f.opfname, a.amname)
  FROM m JOIN pg_opfamily f ON m.classid = 'pg_opfamily'::regclass AND f.oid = m.objid
    JOIN pg_namespace n ON n.oid = f.opfnamespace JOIN pg_am a ON a.oid = f.opfmethod
  UNION ALL
  SELECT m.extension, 11, m.classid, m.objid, format('CREATE OPERATOR CLASS %I.%I%s FOR TYPE %s USING %I FAMILY %I.%I AS %s', n.nspname,
      o.opcname, CASE WHEN o.opcdefault THEN ' DEFAULT' ELSE '' END, format_type(o.opcintype, NULL), a.amname, y.nspname, f.opfname,
      CASE WHEN a.oid >= 16384 THEN (SELECT string_agg(format('FUNCTION %s (%s, %2$s) pg_catalog.any_in(cstring)', i,
          format_type(o.opcintype, NULL)), ', ') FROM unnest('{1,2,5,6,7}'::int[]) AS i)
      ELSE concat_ws(', ',
        (SELECT string_agg(format('OPERATOR %s %s', x.amopstrategy, x.amopopr::regoperator) || coalesce((
            SELECT format(' FOR ORDER BY %I.%I', q.nspname, s.opfname)
            FROM pg_opfamily s JOIN pg_namespace q ON q.oid = s.opfnamespace WHERE s.oid = x.amopsortfamily), ''), ', ')
         FROM pg_amop x WHERE x.amopfamily = f.oid AND x.amoplefttype = o.opcintype),
        (SELECT string_agg(format('FUNCTION %s (%s, %s) %s', x.amprocnum, format_type(x.amproclefttype, NULL),
            format_type(x.amprocrighttype, NULL), x.amproc::regprocedure), ', ')
         FROM pg_amproc x WHERE x.amprocfamily = f.oid AND x.amproclefttype = o.opcintype AND x.amprocrighttype = o.opcintype
           AND x.amprocnum <= CASE a.amname WHEN 'btree' THEN 1 WHEN 'hash' THEN 1 WHEN 'gist' THEN 9 WHEN 'gin' THEN 6 ELSE 20 END),
        'STORAGE ' || CASE WHEN o.opckeytype <> 0 THEN format_type(o.opckeytype, NULL) END) END)
  FROM m JOIN pg_opclass o ON m.classid = 'pg_opclass'::regclass AND o.oid = m.objid JOIN pg_namespace n ON n.oid = o.opcnamespace
    JOIN pg_am a ON a.oid = o.opcmethod JOIN pg_opfamily f ON f.oid = o.opcfamily JOIN pg_namespace y ON y.oid = f.opfnamespace
)
SELECT p.extension, p.statement, CASE WHEN p.objid <> 0 THEN (
  SELECT format('ALTER EXTENSION %I ADD %s %s', p.extension, replace(i.type, 'foreign-data', 'foreign data'), i.identity)
  FROM pg_identify_object(p.classid, p.objid, 0) AS i) END
FROM part p ORDER BY p.extension, p.rank, p.objid)sql";

// CREATE EXTENSION needs the extension's files, so pg_upgrade's own function creates the row.
constexpr support::Sql kExtension = R"sql(
WITH made AS (
  INSERT INTO pg_catalog.pg_extension (oid, extname, extowner, extnamespace, extrelocatable, extversion)
  SELECT coalesce(max(oid)::int8, 16384) + 1, $1, (SELECT oid FROM pg_catalog.pg_roles WHERE rolname = current_user),
    pg_catalog.quote_ident($2)::pg_catalog.regnamespace, false, $3
  FROM pg_catalog.pg_extension RETURNING oid, extnamespace)
INSERT INTO pg_catalog.pg_depend (classid, objid, objsubid, refclassid, refobjid, refobjsubid, deptype)
SELECT 'pg_catalog.pg_extension'::pg_catalog.regclass, oid, 0, 'pg_catalog.pg_namespace'::pg_catalog.regclass, extnamespace, 0, 'n'
FROM made)sql";

constexpr const char* kGiven = R"sql(
INSERT INTO pg_catalog.pg_init_privs (objoid, classoid, objsubid, privtype, initprivs)
SELECT m.objid, m.classid, 0, 'e', a.acl
FROM pg_catalog.pg_depend m JOIN pg_catalog.pg_extension e ON e.oid = m.refobjid AND e.extname = $1
CROSS JOIN LATERAL (SELECT coalesce((SELECT c.relacl FROM pg_catalog.pg_class c WHERE c.oid = m.objid AND m.classid = 'pg_catalog.pg_class'::pg_catalog.regclass),
  (SELECT n.nspacl FROM pg_catalog.pg_namespace n WHERE n.oid = m.objid AND m.classid = 'pg_catalog.pg_namespace'::pg_catalog.regclass)) AS acl) a
WHERE m.refclassid = 'pg_catalog.pg_extension'::pg_catalog.regclass AND m.deptype = 'e' AND a.acl IS NOT NULL
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_init_privs i WHERE i.objoid = m.objid AND i.classoid = m.classid))sql";

// Runs one statement with the extended protocol.
bool try_statement(Session& session, const std::string& statement) {
  try {
    session.declared_single(support::DeclaredSql(statement));
    return true;
  } catch (const support::DatabaseError& error) {
    if (error.facts().connection_lost) throw;
    return false;
  }
}

}  // namespace

Extensions read_extension_parts(Session& session) {
  Extensions extensions;
  Transaction transaction(session, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
  const Result found = session.execute(
      "SELECT e.extname, n.nspname, e.extversion FROM pg_catalog.pg_extension e JOIN pg_catalog.pg_namespace n ON n.oid = "
      "e.extnamespace WHERE e.extname <> 'plpgsql'");
  for (std::size_t row = 0; row < found.size(); ++row)
    extensions[found.text(row, 0)] = {.schema = found.text(row, 1), .version = found.text(row, 2), .parts = {}};
  if (!extensions.empty()) {
    const Result parts = session.execute(kMembers + kTypes + kRoutines + kAccessMethods);
    for (std::size_t row = 0; row < parts.size(); ++row)
      extensions[parts.text(row, 0)].parts.push_back({parts.text(row, 1), parts.text(row, 2)});
  }
  transaction.commit();
  return extensions;
}

void make_from_parts(Session& superuser, const std::string& name, const std::string& version, const ExtensionParts& extension) {
  const Quiet quiet(superuser);
  superuser.query(kExtension, {name, extension.schema, version});
  std::vector<const ExtensionPart*> open;
  for (const auto& part : extension.parts) open.push_back(&part);
  for (std::size_t before = open.size() + 1; open.size() < before && !open.empty();) {
    before = open.size();
    std::vector<const ExtensionPart*> still;
    for (const ExtensionPart* part : open) {
      if (!try_statement(superuser, part->create)) {
        still.push_back(part);
      } else if (!part->add.empty()) {
        try_statement(superuser, part->add);
      }
    }
    open = std::move(still);
  }
  // The grants on its members become the extension's initial privileges, as CREATE EXTENSION would record them.
  superuser.query(kGiven, {name});
  superuser.take_notices();
}

}  // namespace lockstep::postgres
