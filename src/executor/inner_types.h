// The types that a value consists of, as a part of a query.
#pragma once

#include "support/sql.h"

namespace lockstep::executor {

// "type (oid) AS (…)", for WITH RECURSIVE: of the types that `first` selects, themselves and what is in them (the base of a
// domain, the elements of an array, the bounds of a range, the fields of a row), without those of PostgreSQL, which nobody else
// has made.
inline support::Sql inner_types(const support::Sql& first) {
  return "type (oid) AS (SELECT own.oid FROM (" + first + R"sql() AS own (oid) WHERE own.oid >= 16384 UNION
  SELECT below.oid FROM type JOIN pg_catalog.pg_type t ON t.oid = type.oid LEFT JOIN pg_catalog.pg_range g ON g.rngtypid = t.oid
  CROSS JOIN LATERAL (SELECT t.typbasetype UNION ALL SELECT t.typelem UNION ALL SELECT g.rngsubtype
    UNION ALL SELECT a.atttypid FROM pg_catalog.pg_attribute a WHERE a.attrelid = t.typrelid AND t.typrelid <> 0 AND NOT a.attisdropped) AS below (oid)
  WHERE below.oid >= 16384))sql";
}

// Whether index `i` (pg_index) calls what isn't PostgreSQL's own: by an expression, a predicate, an operator class or the type of
// a column.
inline constexpr support::Sql kIndexCalls = R"sql((i.indexprs IS NOT NULL OR i.indpred IS NOT NULL
  OR EXISTS (SELECT FROM pg_catalog.unnest(i.indclass::pg_catalog.oid[]) AS class (oid) WHERE class.oid >= 16384)
  OR EXISTS (SELECT FROM pg_catalog.pg_attribute a WHERE a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey::pg_catalog.int2[])
    AND a.atttypid >= 16384)))sql";

}  // namespace lockstep::executor
