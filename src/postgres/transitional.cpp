#include "postgres/transitional.h"

#include "support/error.h"
#include "support/sql_text.h"

namespace lockstep::postgres {

AddressSet read_transitional(Session& session) {
  AddressSet addresses;
  const Result table = session.execute(
      "SELECT pg_catalog.has_schema_privilege(n.oid, 'USAGE') AND pg_catalog.has_table_privilege(c.oid, 'SELECT'), current_user "
      "FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace "
      "WHERE n.nspname = 'lockstep' AND c.relname = 'object' AND c.relkind = 'r'");
  if (table.empty()) return addresses;
  if (!table.boolean(0, 0)) {
    const std::string role = support::quote_identifier(table.text(0, 1));
    throw support::CommandError(support::ExitCode::failed,
                                "this role may not read which objects of the database are transitional (table lockstep.object), "
                                "so it can't tell them from "
                                "yours: GRANT USAGE ON SCHEMA lockstep TO " +
                                    role + "; GRANT SELECT ON ALL TABLES IN SCHEMA lockstep TO " + role);
  }
  const Result rows = session.execute(R"sql(
WITH here AS (
  SELECT FROM lockstep.identity i JOIN pg_catalog.pg_database d ON d.oid = i.database_oid AND d.datname = pg_catalog.current_database()
  WHERE i.system_identifier = coalesce((CASE WHEN pg_catalog.has_function_privilege('pg_catalog.pg_control_system()', 'EXECUTE') THEN
    (SELECT s.system_identifier::pg_catalog.text FROM pg_catalog.pg_control_system() s) END), i.system_identifier)
    OR i.system_identifier = '')
SELECT o.class_oid, o.object_oid, o.attnum FROM lockstep.object o, here WHERE o.object_oid <> 0
UNION ALL
SELECT 'pg_catalog.pg_class'::pg_catalog.regclass::pg_catalog.oid, x.indexrelid, 0 FROM here, lockstep.object o
  JOIN pg_catalog.pg_namespace n ON n.nspname = o.names[1]
  JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid AND c.relname = o.names[2]
  JOIN pg_catalog.pg_index x ON x.indexrelid = c.oid AND NOT (o.final AND x.indisvalid)
WHERE o.object_oid = 0
UNION ALL
SELECT 'pg_catalog.pg_constraint'::pg_catalog.regclass::pg_catalog.oid, k.oid, 0 FROM here, lockstep.object o
  JOIN pg_catalog.pg_namespace n ON n.nspname = o.names[1]
  JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid AND c.relname = o.names[2]
  JOIN pg_catalog.pg_constraint k ON k.conrelid = c.oid AND k.conname = o.names[3]
WHERE o.object_oid = 0 AND o.type = 'table constraint' AND NOT EXISTS (SELECT FROM pg_catalog.pg_inherits h WHERE h.inhrelid = k.conrelid
    AND (pg_catalog.to_jsonb(h) ->> 'inhdetachpending')::pg_catalog.bool))sql");
  for (std::size_t row = 0; row < rows.size(); ++row) addresses.insert(address_at(rows, row, 0));
  return addresses;
}

}  // namespace lockstep::postgres
