#include "executor/relation_shape.h"

#include "support/sql.h"

namespace lockstep::executor {

namespace {

// Constraints and indexes that partitions have from their parent have names of their own choice; NOT NULL is said with the
// column.
constexpr support::Sql kShapes = R"sql(), line AS (
  SELECT r.name, CASE WHEN c.relkind IN ('r', 'p') THEN 'a table' ELSE 'no table, relkind ' || c.relkind::pg_catalog.text END AS text
  FROM relation r JOIN pg_catalog.pg_class c ON c.oid = r.oid
  UNION ALL
  SELECT r.name, 'column ' || a.attname || ' ' || pg_catalog.format_type(a.atttypid, a.atttypmod)
    || CASE WHEN a.attnotnull THEN ' not null' ELSE '' END
  FROM relation r JOIN pg_catalog.pg_attribute a ON a.attrelid = r.oid AND a.attnum > 0 AND NOT a.attisdropped
  UNION ALL
  SELECT r.name, 'index ' || c.relname || CASE WHEN i.indisvalid THEN '' ELSE ' (invalid)' END
  FROM relation r JOIN pg_catalog.pg_index i ON i.indrelid = r.oid JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid
  WHERE NOT c.relispartition
  UNION ALL
  SELECT r.name, 'constraint ' || k.conname || CASE WHEN k.convalidated THEN '' ELSE ' (not valid)' END
  FROM relation r JOIN pg_catalog.pg_constraint k ON k.conrelid = r.oid AND k.conparentid = 0 AND k.contype IN ('c', 'f', 'p', 'u', 'x')
  UNION ALL
  SELECT r.name, 'foreign key ' || k.conname || ' of ' || pg_catalog.format('%I.%I', n.nspname, c.relname)
  FROM relation r JOIN pg_catalog.pg_constraint k ON k.confrelid = r.oid AND k.conparentid = 0
  JOIN pg_catalog.pg_class c ON c.oid = k.conrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  UNION ALL
  SELECT r.name, 'trigger ' || t.tgname
  FROM relation r JOIN pg_catalog.pg_trigger t ON t.tgrelid = r.oid AND NOT t.tgisinternal
  UNION ALL
  SELECT r.name, 'policy ' || p.polname FROM relation r JOIN pg_catalog.pg_policy p ON p.polrelid = r.oid
  UNION ALL
  SELECT r.name, 'child ' || pg_catalog.format('%I.%I', n.nspname, c.relname)
  FROM relation r JOIN pg_catalog.pg_inherits i ON i.inhparent = r.oid
  JOIN pg_catalog.pg_class c ON c.oid = i.inhrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  UNION ALL
  SELECT DISTINCT r.name, 'view ' || pg_catalog.format('%I.%I', n.nspname, c.relname) || ' reads it'
  FROM relation r JOIN pg_catalog.pg_depend d ON d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.refobjid = r.oid
    AND d.classid = 'pg_catalog.pg_rewrite'::pg_catalog.regclass
  JOIN pg_catalog.pg_rewrite w ON w.oid = d.objid AND w.ev_class <> r.oid
  JOIN pg_catalog.pg_class c ON c.oid = w.ev_class JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
)
SELECT name, text FROM line ORDER BY name, text COLLATE "C")sql";

}  // namespace

std::map<std::string, std::vector<std::string>> relation_shapes(postgres::Session& session,
                                                                const std::vector<std::string>& relations) {
  std::map<std::string, std::vector<std::string>> shapes;
  if (relations.empty()) return shapes;
  const auto rows = session.execute(
      "WITH relation AS (SELECT name, pg_catalog.to_regclass(name)::pg_catalog.oid AS oid FROM pg_catalog.unnest(ARRAY[" +
      support::Sql::literals(relations) + "]::pg_catalog.text[]) AS t (name)" + kShapes);
  for (std::size_t row = 0; row < rows.size(); ++row) shapes[rows.text(row, 0)].push_back(rows.text(row, 1));
  return shapes;
}

}  // namespace lockstep::executor
