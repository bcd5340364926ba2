// SQL for the kinds in pg_class: the columns of an introspection query that identify an object and its parent.
#pragma once

#include <string>

namespace lockstep::kinds {

// class, object and sub of the row itself and then of its parent, in the order that KindSpec requires.
inline std::string address_columns(const std::string& catalog, const std::string& oid, const std::string& sub,
                                   const std::string& parent_catalog, const std::string& parent_oid,
                                   const std::string& parent_sub = "0") {
  const auto regclass = [](const std::string& name) { return "'pg_catalog." + name + "'::pg_catalog.regclass::oid"; };
  return regclass(catalog) + " AS class, " + oid + " AS object, " + sub + " AS sub, " + regclass(parent_catalog) +
         " AS parent_class, " + parent_oid + " AS parent_object, " + parent_sub + " AS parent_sub, ";
}

// storage, compression, statistics and options of the pg_attribute `a` of type `t`, where `condition` holds. Recent minor
// releases store a version of the column among its options (pg_attver), which nobody can set; it is left out.
inline std::string column_settings_sql(int server_version, const std::string& condition) {
  constexpr int kStatisticsMayBeNull = 170000;
  const auto where = [&](const std::string& expression, const std::string& name) {
    return "CASE WHEN " + condition + " THEN " + expression + " END AS " + name;
  };
  return where(
             "CASE WHEN a.attstorage <> t.typstorage THEN CASE a.attstorage WHEN 'p' THEN 'plain' WHEN 'e' THEN 'external' "
             "WHEN 'm' THEN 'main' ELSE 'extended' END END",
             "storage") +
         ", " + where("CASE a.attcompression WHEN 'p' THEN 'pglz' WHEN 'l' THEN 'lz4' END", "compression") + ", " +
         where(server_version >= kStatisticsMayBeNull ? "a.attstattarget::bigint" : "nullif(a.attstattarget, -1)::bigint",
               "statistics") +
         ", " +
         where(
             "CASE WHEN a.attoptions IS NOT NULL THEN (SELECT pg_catalog.array_agg(o ORDER BY o) FROM "
             "pg_catalog.unnest(a.attoptions::text[]) o WHERE o NOT LIKE 'pg\\_attver=%') END",
             "options");
}

}  // namespace lockstep::kinds
