// SQL fragments for views and materialized views. `alias` is that of a pg_class.
#pragma once

#include <string>
#include <string_view>

namespace lockstep::kinds {

// text[]: "name type [COLLATE c]" of every column in order. CREATE OR REPLACE VIEW works if the new list begins with the old
// one.
inline std::string relation_columns_sql(std::string_view alias) {
  return R"((SELECT array_agg(quote_ident(a.attname) || ' ' || format_type(a.atttypid, a.atttypmod) ||
      CASE WHEN a.attcollation <> y.typcollation
        THEN ' COLLATE ' || quote_ident(o.nspname) || '.' || quote_ident(l.collname) ELSE '' END ORDER BY a.attnum)
    FROM pg_attribute a JOIN pg_type y ON y.oid = a.atttypid
    LEFT JOIN pg_collation l ON l.oid = a.attcollation LEFT JOIN pg_namespace o ON o.oid = l.collnamespace
    WHERE a.attnum > 0 AND NOT a.attisdropped AND a.attrelid = )" +
         std::string(alias) + ".oid)";
}

// The query without the leading blank and the final semicolon that PostgreSQL prints.
inline std::string view_query_sql(std::string_view alias) {
  return "ltrim(rtrim(pg_get_viewdef(" + std::string(alias) + ".oid), ';'), ' ')";
}

}  // namespace lockstep::kinds
