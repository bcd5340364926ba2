#include "postgres/unmanaged.h"

#include <algorithm>

#include "kinds/printing/introspect_sql.h"
#include "postgres/not_null_facets.h"

namespace lockstep::postgres {
namespace {

using support::Sql;

// `n`: a pg_namespace.
Sql user_schema_n() {
  return {+[](int) { return kinds::user_schema("n"); }, 0};
}

// Everything that people create is a dependent in pg_depend (of its schema, its table …) except these, which may depend on
// nothing. What has no address is described at once.
Sql on_their_own() {
  Sql sql = "";
  const auto add = [&](const Sql& catalog, const Sql& condition = "") {
    // Not x.tableoid: everybody may read some columns of pg_subscription, but not that one.
    sql += "SELECT 'pg_catalog." + catalog +
           "'::pg_catalog.regclass::pg_catalog.oid, x.oid, 0, NULL::pg_catalog.text FROM pg_catalog." + catalog +
           " x WHERE x.oid >= 16384" + condition + " UNION ALL ";
  };
  constexpr Sql kLookups[] = {
      "pg_publication", "pg_foreign_data_wrapper", "pg_foreign_server", "pg_language", "pg_event_trigger", "pg_cast", "pg_am",
      "pg_transform"};
  for (const Sql& catalog : kLookups) {
    add(catalog);
  }
  add("pg_subscription",
      " AND x.subdbid = (SELECT oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database())");
  // Those of what kinds read are read too. The last ones are scratch's own: PostgreSQL takes no label on such objects.
  sql +=
      "SELECT l.classoid, l.objoid, l.objsubid, 'security label for ' || l.provider || ' on ' || "
      "pg_catalog.pg_describe_object(l.classoid, l.objoid, l.objsubid) FROM pg_catalog.pg_seclabel l CROSS JOIN LATERAL "
      "pg_catalog.pg_identify_object(l.classoid, l.objoid, l.objsubid) AS i LEFT JOIN pg_catalog.pg_namespace n ON n.nspname = "
      "i.schema WHERE l.objoid >= 16384 AND coalesce(" +
      user_schema_n() +
      ", true) AND NOT (l.classoid = 'pg_catalog.pg_namespace'::pg_catalog.regclass AND i.identity IN ('lockstep', "
      "'lockstep_trash')) AND l.classoid NOT IN ('pg_catalog.pg_ts_template'::pg_catalog.regclass, "
      "'pg_catalog.pg_ts_parser'::pg_catalog.regclass) AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.classid = "
      "l.classoid AND d.objid = l.objoid AND d.deptype = 'e')";
  return sql;
}

// Of the addresses $1, $2 those in users' schemas: objects with a schema of their own, or of a relation with one.
Sql describe() {
  return R"sql(
SELECT u.catalog, u.object, 0, pg_catalog.pg_describe_object(u.catalog, u.object, 0)
FROM unnest($1::pg_catalog.oid[], $2::pg_catalog.oid[]) AS u (catalog, object)
CROSS JOIN LATERAL pg_catalog.pg_identify_object(u.catalog, u.object, 0) AS i
LEFT JOIN pg_catalog.pg_trigger t ON u.catalog = 'pg_catalog.pg_trigger'::pg_catalog.regclass AND t.oid = u.object
LEFT JOIN pg_catalog.pg_policy p ON u.catalog = 'pg_catalog.pg_policy'::pg_catalog.regclass AND p.oid = u.object
LEFT JOIN pg_catalog.pg_rewrite r ON u.catalog = 'pg_catalog.pg_rewrite'::pg_catalog.regclass AND r.oid = u.object
LEFT JOIN pg_catalog.pg_attrdef a ON u.catalog = 'pg_catalog.pg_attrdef'::pg_catalog.regclass AND a.oid = u.object
LEFT JOIN pg_catalog.pg_class c ON c.oid = coalesce(t.tgrelid, p.polrelid, r.ev_class, a.adrelid)
LEFT JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace OR c.oid IS NULL AND n.nspname = i.schema
WHERE i.identity IS NOT NULL AND coalesce()sql" +
         user_schema_n() +
         R"sql(, true)
  AND u.catalog <> 'pg_catalog.pg_default_acl'::pg_catalog.regclass  -- objects of ours, a grantee each: they have no address
  AND NOT (u.catalog = 'pg_catalog.pg_namespace'::pg_catalog.regclass AND i.identity ~ '^(pg_|lockstep$|lockstep_trash$)')
  AND NOT coalesce(t.tgisinternal, false))sql";
}

// Settings of the sequences of identity columns, which are no objects of their own: description, and the column's address.
// PostgreSQL checks no privileges on them for an INSERT, and creates them with the column, whatever default privileges give
// them.
Sql settings_of_identity_sequences() {
  return R"sql(
WITH numbered AS (
  SELECT s.*, q.seqtypid, c.oid AS relation, c.relpersistence AS persistence, a.attnum, a.atttypid,
    pg_catalog.format('sequence %I.%I (of identity column %I.%I.%I)', n.nspname, s.relname, n.nspname, c.relname, a.attname) AS called
  FROM pg_catalog.pg_depend d JOIN pg_catalog.pg_class s ON s.oid = d.objid AND s.relkind = 'S'
  JOIN pg_catalog.pg_sequence q ON q.seqrelid = s.oid JOIN pg_catalog.pg_class c ON c.oid = d.refobjid
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum = d.refobjsubid
  WHERE d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass
    AND d.deptype = 'i' AND d.refobjsubid > 0 AND c.relpersistence <> 't' AND )sql" +
         user_schema_n() + R"sql(
)
SELECT said, 'pg_catalog.pg_class'::pg_catalog.regclass::pg_catalog.oid, relation, attnum FROM (
  SELECT 'privileges (' || privileges || ') of ' || CASE grantee WHEN 0 THEN 'PUBLIC' ELSE pg_catalog.pg_get_userbyid(grantee)::text END
    || ' on ' || called AS said, relation, attnum
  FROM (SELECT m.called, m.relation, m.attnum, m.relowner, x.grantee, pg_catalog.string_agg(x.privilege_type
          || CASE WHEN x.is_grantable AND x.grantee <> m.relowner THEN ' WITH GRANT OPTION' ELSE '' END, ', ' ORDER BY x.privilege_type) AS privileges
        FROM numbered m, pg_catalog.aclexplode(m.relacl) x GROUP BY 1, 2, 3, 4, 5) held
  WHERE grantee <> relowner OR privileges <> 'SELECT, UPDATE, USAGE'
  UNION ALL SELECT 'privileges taken from the owner of ' || called, relation, attnum FROM numbered
  WHERE relacl IS NOT NULL AND NOT EXISTS (SELECT FROM pg_catalog.aclexplode(relacl) x WHERE x.grantee = relowner)
  UNION ALL SELECT 'comment on ' || called, relation, attnum FROM numbered WHERE pg_catalog.obj_description(oid, 'pg_class') IS NOT NULL
  UNION ALL SELECT 'type ' || pg_catalog.format_type(seqtypid, NULL) || ' of ' || called, relation, attnum FROM numbered
  WHERE seqtypid <> atttypid
  UNION ALL SELECT CASE relpersistence WHEN 'u' THEN 'UNLOGGED' ELSE 'LOGGED' END || ' of ' || called, relation, attnum FROM numbered
  WHERE relpersistence <> persistence
) s)sql";
}

// Settings of objects that kinds do cover, but that no kind reads. Described at once.
Sql settings_of_managed() {
  return R"sql(
SELECT 'comment on index ' || pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(c.relname)
  || ' (a partition of another index)'
FROM pg_catalog.pg_description d JOIN pg_catalog.pg_class c ON c.oid = d.objoid AND c.relkind IN ('i', 'I')
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE d.classoid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.objsubid = 0 AND c.relispartition AND )sql" +
         user_schema_n() + R"sql(
UNION ALL
SELECT 'index ' || pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(c.relname)
  || ' (INVALID, left by a build that failed: declare it to have it built again, or drop it)'
FROM pg_catalog.pg_index x JOIN pg_catalog.pg_class c ON c.oid = x.indexrelid AND c.relkind = 'i'
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE NOT x.indisvalid AND )sql" +
         user_schema_n() + R"sql(
UNION ALL
SELECT 'constraint ' || pg_catalog.quote_ident(k.conname) || ' on ' || pg_catalog.quote_ident(n.nspname) || '.'
  || pg_catalog.quote_ident(c.relname) || ' (not enforced: the trigger that checks it late is disabled; as a superuser, ALTER TABLE … ENABLE TRIGGER ALL)'
FROM pg_catalog.pg_constraint k JOIN pg_catalog.pg_class c ON c.oid = k.conrelid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE k.contype IN ('p', 'u', 'x') AND k.condeferrable AND EXISTS (SELECT FROM pg_catalog.pg_trigger g
  WHERE g.tgconstraint = k.oid AND g.tgisinternal AND g.tgenabled IN ('D', 'R')) AND )sql" +
         user_schema_n() + R"sql(
UNION ALL
SELECT 'NULL allowed, own identity, expression or default compression that ' || pg_catalog.quote_ident(n.nspname) || '.'
  || pg_catalog.quote_ident(c.relname) || ' alone gives its inherited column ' || pg_catalog.quote_ident(a.attname)
FROM pg_catalog.pg_inherits i JOIN pg_catalog.pg_class c ON c.oid = i.inhrelid AND c.relkind IN ('r', 'p')
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attinhcount > 0
  AND (NOT a.attislocal OR c.relispartition)
JOIN pg_catalog.pg_attribute p ON p.attrelid = i.inhparent AND p.attname = a.attname AND NOT p.attisdropped
LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
LEFT JOIN pg_catalog.pg_attrdef e ON e.adrelid = p.attrelid AND e.adnum = p.attnum
WHERE i.inhseqno = 1 AND (p.attnotnull AND NOT a.attnotnull OR a.attcompression = '' AND p.attcompression <> ''
    OR a.attidentity <> '' AND a.attidentity <> p.attidentity
    OR a.attgenerated <> '' AND d.adbin IS DISTINCT FROM e.adbin
      AND pg_catalog.pg_get_expr(d.adbin, d.adrelid) IS DISTINCT FROM pg_catalog.pg_get_expr(e.adbin, e.adrelid))
  AND )sql" +
         user_schema_n();
}

std::string oid_array(const std::vector<std::uint32_t>& oids) {
  std::string text = "{";
  for (const std::uint32_t oid : oids) text += (text.size() > 1 ? "," : "") + std::to_string(oid);
  return text + "}";
}

std::vector<catalog::ObjectId> ids(const ReadObjects& read, std::vector<catalog::Index> needs) {
  std::vector<catalog::ObjectId> result;
  std::sort(needs.begin(), needs.end());
  needs.erase(std::unique(needs.begin(), needs.end()), needs.end());
  for (const catalog::Index index : needs) result.push_back(read.objects[index].id);
  std::sort(result.begin(), result.end());
  return result;
}

}  // namespace

std::vector<Unmanaged> read_unmanaged(Session& session, const ReadObjects& read, const Dependencies& dependencies) {
  std::vector<Unmanaged> unmanaged;
  auto left_over = dependencies.left_over(read);
  const Result standing = session.execute(on_their_own());
  for (std::size_t row = 0; row < standing.size(); ++row) {
    const Address address = address_at(standing, row, 0);
    if (standing.at(row, 3)) {
      if (read.by_address.contains(address) || read.left_out.contains(address.whole())) continue;
      unmanaged.push_back({standing.text(row, 3), {}, {}});
    } else if (!dependencies.known(read, address)) {
      left_over.try_emplace(address);
    }
  }

  std::erase_if(left_over, [&](const auto& item) { return read.left_out.contains(item.first); });

  const Result settings = session.execute(settings_of_managed());
  for (std::size_t row = 0; row < settings.size(); ++row) unmanaged.push_back({settings.text(row, 0), {}, {}});

  const auto add_parts = [&](const Result& parts) {
    for (std::size_t row = 0; row < parts.size(); ++row) {
      const auto whole = read.by_address.find(address_at(parts, row, 1));
      if (whole == read.by_address.end()) continue;  // belongs to an extension or a rollout
      unmanaged.push_back({.description = parts.text(row, 0), .needs = {}, .goes_with = {read.objects[whole->second].id}});
    }
  };
  add_parts(session.execute(settings_of_identity_sequences()));
  if (session.server_version() >= kNotNullIsAConstraintFrom) add_parts(session.execute(not_null_facets(user_schema_n())));

  std::vector<std::uint32_t> catalogs, objects;
  for (const auto& [address, needs] : left_over) {
    catalogs.push_back(address.catalog);
    objects.push_back(address.object);
  }
  const Result described = session.query(describe(), {oid_array(catalogs), oid_array(objects)});
  for (std::size_t row = 0; row < described.size(); ++row) {
    unmanaged.push_back({described.text(row, 3), ids(read, left_over[address_at(described, row, 0)]), {}});
  }
  std::sort(unmanaged.begin(), unmanaged.end(),
            [](const Unmanaged& a, const Unmanaged& b) { return a.description < b.description; });
  return unmanaged;
}

}  // namespace lockstep::postgres
