#include "postgres/not_null_facets.h"

namespace lockstep::postgres {

support::Sql not_null_facets(const support::Sql& user_schema_n) {
  return R"sql(
WITH own AS (
  SELECT k.oid, k.conname, k.connoinherit, k.convalidated,
    CASE WHEN k.contypid <> 0 THEN 'pg_catalog.pg_type' ELSE 'pg_catalog.pg_class' END::pg_catalog.regclass::pg_catalog.oid AS class,
    CASE WHEN k.contypid <> 0 THEN k.contypid ELSE k.conrelid END AS object, coalesce(k.conkey[1], 0)::pg_catalog.int4 AS sub,
    CASE WHEN k.contypid <> 0 THEN pg_catalog.format('domain %I.%I', n.nspname, t.typname)
      ELSE pg_catalog.format('column %I.%I.%I', n.nspname, c.relname, a.attname) END AS called
  FROM pg_catalog.pg_constraint k JOIN pg_catalog.pg_namespace n ON n.oid = k.connamespace
  LEFT JOIN pg_catalog.pg_class c ON c.oid = k.conrelid LEFT JOIN pg_catalog.pg_type t ON t.oid = k.contypid
  LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = k.conkey[1]
  WHERE k.contype = 'n' AND (k.coninhcount = 0 OR k.conislocal AND NOT c.relispartition)
    AND coalesce(c.relpersistence, 'p') <> 't' AND )sql" +
         user_schema_n + R"sql(
)
SELECT said || ' of NOT NULL on ' || called, class, object, sub FROM (
  SELECT 'name ' || pg_catalog.quote_ident(conname) AS said, called, class, object, sub FROM own WHERE conname !~ '_not_null[0-9]*$'
  UNION ALL SELECT 'NO INHERIT', called, class, object, sub FROM own WHERE connoinherit
  UNION ALL SELECT 'NOT VALID (rows may have none: VALIDATE CONSTRAINT ' || pg_catalog.quote_ident(conname) || ')', called, class, object, sub
  FROM own WHERE NOT convalidated
  UNION ALL SELECT 'comment', called, class, object, sub FROM own WHERE pg_catalog.obj_description(oid, 'pg_constraint') IS NOT NULL
) s)sql";
}

}  // namespace lockstep::postgres
