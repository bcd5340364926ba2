#include "executor/relation_shape.h"

#include "executor/inner_types.h"
#include "support/sql.h"

namespace lockstep::executor {

namespace {

// Constraints and indexes that partitions have from their parent have arbitrary names, so they are left out; NOT NULL is part
// of the column's line. pg_constraint has no index by confrelid, so what refers to a relation is found by pg_depend. `columns`
// come from the catalog's own lists, and for expressions from pg_depend.
constexpr support::Sql kLines = R"sql(), uses AS (
  SELECT r.name, d.classid, d.objid, a.attname
  FROM relation r JOIN pg_catalog.pg_depend d ON d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.refobjid = r.oid
    AND d.refobjsubid > 0
  JOIN pg_catalog.pg_attribute a ON a.attrelid = r.oid AND a.attnum = d.refobjsubid
), line AS (
  SELECT r.name, 'itself' AS part, CASE WHEN c.relkind IN ('r', 'p') THEN 'a table' ELSE 'no table, relkind ' || c.relkind::pg_catalog.text END AS text,
    NULL::pg_catalog.int2[] AS numbers, r.oid AS relation, 0::pg_catalog.oid AS classid, 0::pg_catalog.oid AS objid
  FROM relation r JOIN pg_catalog.pg_class c ON c.oid = r.oid
  UNION ALL
  SELECT r.name, 'member', 'column ' || a.attname || ' ' || pg_catalog.format_type(a.atttypid, a.atttypmod)
    || CASE WHEN a.attnotnull THEN ' not null' ELSE '' END, ARRAY[a.attnum], r.oid, 0, 0
  FROM relation r JOIN pg_catalog.pg_attribute a ON a.attrelid = r.oid AND a.attnum > 0 AND NOT a.attisdropped
  UNION ALL
  SELECT r.name, 'user', 'index ' || c.relname || CASE WHEN i.indisvalid THEN '' ELSE ' (invalid)' END,
    i.indkey::pg_catalog.int2[], r.oid, 'pg_catalog.pg_class'::pg_catalog.regclass, i.indexrelid
  FROM relation r JOIN pg_catalog.pg_index i ON i.indrelid = r.oid JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid
  WHERE NOT c.relispartition
  UNION ALL
  SELECT r.name, 'user', 'constraint ' || k.conname || CASE WHEN k.convalidated THEN '' ELSE ' (not valid)' END,
    k.conkey, r.oid, 'pg_catalog.pg_constraint'::pg_catalog.regclass, k.oid
  FROM relation r JOIN pg_catalog.pg_constraint k ON k.conrelid = r.oid AND k.conparentid = 0 AND k.contype IN ('c', 'f', 'p', 'u', 'x')
  UNION ALL
  SELECT r.name, 'user', 'foreign key ' || k.conname || ' of ' || pg_catalog.format('%I.%I', n.nspname, c.relname),
    k.confkey, r.oid, 0, 0
  FROM relation r JOIN LATERAL (SELECT DISTINCT d.objid FROM pg_catalog.pg_depend d
    WHERE d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.refobjid = r.oid
      AND d.classid = 'pg_catalog.pg_constraint'::pg_catalog.regclass) d ON true
  JOIN pg_catalog.pg_constraint k ON k.oid = d.objid AND k.confrelid = r.oid AND k.conparentid = 0
  JOIN pg_catalog.pg_class c ON c.oid = k.conrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  UNION ALL
  SELECT r.name, 'user', 'trigger ' || t.tgname, NULL, r.oid, 0, 0
  FROM relation r JOIN pg_catalog.pg_trigger t ON t.tgrelid = r.oid AND NOT t.tgisinternal
  UNION ALL
  SELECT r.name, 'user', 'policy ' || p.polname, NULL, r.oid, 'pg_catalog.pg_policy'::pg_catalog.regclass, p.oid
  FROM relation r JOIN pg_catalog.pg_policy p ON p.polrelid = r.oid
  UNION ALL
  SELECT r.name, 'code', 'rule ' || w.rulename || ' #' || pg_catalog.md5(pg_catalog.pg_get_ruledef(w.oid)), NULL, r.oid, 0, 0
  FROM relation r JOIN pg_catalog.pg_rewrite w ON w.ev_class = r.oid AND w.ev_type <> '1'
  UNION ALL
  SELECT r.name, 'code', 'generated column ' || a.attname, NULL, r.oid, 0, 0
  FROM relation r JOIN pg_catalog.pg_attribute a ON a.attrelid = r.oid AND a.attgenerated <> '' AND NOT a.attisdropped
  UNION ALL
  SELECT r.name, 'code', 'enabled trigger ' || t.tgname || ' #' || pg_catalog.md5(pg_catalog.pg_get_triggerdef(t.oid)), NULL, r.oid, 0, 0
  FROM relation r JOIN pg_catalog.pg_trigger t ON t.tgrelid = r.oid AND NOT t.tgisinternal AND t.tgenabled NOT IN ('D', 'R')
    AND t.tgparentid = 0  -- a partition's share of its parent's is as that is
  UNION ALL
  SELECT r.name, 'code', 'partition of ' || pg_catalog.format('%I.%I', n.nspname, c.relname) || ' #' || pg_catalog.md5(pg_catalog.pg_get_partkeydef(c.oid)),
    NULL, r.oid, 0, 0
  FROM relation r CROSS JOIN LATERAL pg_catalog.pg_partition_ancestors(r.oid) AS a (oid)
  JOIN pg_catalog.pg_class c ON c.oid = a.oid AND c.oid <> r.oid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  UNION ALL
  SELECT r.name, 'code', 'cast from ' || pg_catalog.format_type(k.castsource, NULL) || ' to ' || pg_catalog.format_type(k.casttarget, NULL)
    || ' #' || pg_catalog.md5(k.castfunc::pg_catalog.regprocedure::pg_catalog.text), NULL, r.oid, 0, 0
  FROM relation r JOIN pg_catalog.pg_attribute a ON a.attrelid = r.oid AND a.attnum > 0 AND NOT a.attisdropped
  JOIN pg_catalog.pg_cast k ON k.castsource = a.atttypid AND k.oid >= 16384 AND k.castcontext = 'i'
    AND EXISTS (SELECT FROM pg_catalog.pg_trigger t WHERE t.tgrelid = r.oid AND t.tgisinternal)
  UNION ALL
  SELECT r.name, 'code', 'check ' || k.conname || ' of domain ' || pg_catalog.format_type(k.contypid, NULL), NULL, r.oid, 0, 0
  FROM relation r JOIN LATERAL (WITH RECURSIVE )sql";

constexpr support::Sql kTypesOfRelation =
    "SELECT a.atttypid FROM pg_catalog.pg_attribute a WHERE a.attrelid = r.oid AND a.attnum > 0 AND NOT a.attisdropped";

constexpr support::Sql kMoreLines = R"sql( SELECT oid FROM type) AS used ON true
  JOIN pg_catalog.pg_constraint k ON k.contypid = used.oid AND k.contype = 'c'
  UNION ALL
  SELECT r.name, 'code', 'code index ' || c.relname, NULL, r.oid, 0, 0
  FROM relation r JOIN pg_catalog.pg_index i ON i.indrelid = r.oid
  JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid WHERE NOT c.relispartition AND )sql";

constexpr support::Sql kLastLines = R"sql(
  UNION ALL
  SELECT r.name, 'child', 'child ' || pg_catalog.format('%I.%I', n.nspname, c.relname), NULL, r.oid, 0, 0
  FROM relation r JOIN pg_catalog.pg_inherits i ON i.inhparent = r.oid
  JOIN pg_catalog.pg_class c ON c.oid = i.inhrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  UNION ALL
  SELECT r.name, 'user', 'view ' || pg_catalog.format('%I.%I', n.nspname, c.relname) || ' reads it', NULL, r.oid,
    'pg_catalog.pg_rewrite'::pg_catalog.regclass, w.oid
  FROM relation r JOIN LATERAL (SELECT DISTINCT d.objid FROM pg_catalog.pg_depend d
    WHERE d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.refobjid = r.oid
      AND d.classid = 'pg_catalog.pg_rewrite'::pg_catalog.regclass) d ON true
  JOIN pg_catalog.pg_rewrite w ON w.oid = d.objid AND w.ev_class <> r.oid
  JOIN pg_catalog.pg_class c ON c.oid = w.ev_class JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
), said AS (
  SELECT l.name, l.part, l.text, column_name FROM line l LEFT JOIN LATERAL (
    SELECT a.attname AS column_name FROM pg_catalog.pg_attribute a WHERE a.attrelid = l.relation AND a.attnum = ANY (l.numbers)
    UNION SELECT u.attname FROM uses u WHERE u.name = l.name AND u.classid = l.classid AND u.objid = l.objid) AS c ON true
)
SELECT name, text, part, pg_catalog.array_agg(DISTINCT column_name) FILTER (WHERE column_name IS NOT NULL) FROM said
GROUP BY name, text, part ORDER BY name, text COLLATE "C")sql";

using support::Sql;

Sql query_for(const Sql& names) {
  return "WITH relation AS (SELECT name, pg_catalog.to_regclass(name)::pg_catalog.oid AS oid FROM pg_catalog.unnest(" + names +
         ") AS t (name)" + kLines + inner_types(kTypesOfRelation) + kMoreLines + kIndexCalls + kLastLines;
}

Sql array_of(const std::vector<std::string>& relations) {
  return "ARRAY[" + Sql::literals(relations) + "]::pg_catalog.text[]";
}

std::map<std::string, std::vector<ShapeLine>> lines_of(const postgres::Result& rows) {
  std::map<std::string, std::vector<ShapeLine>> lines;
  for (std::size_t row = 0; row < rows.size(); ++row) {
    std::vector<std::string> columns;
    if (rows.at(row, 3)) columns = postgres::parse_array(rows.text(row, 3));
    lines[rows.text(row, 0)].push_back({rows.text(row, 1), rows.text(row, 2), std::move(columns)});
  }
  return lines;
}

Shapes shapes_of(const std::map<std::string, std::vector<ShapeLine>>& found) {
  Shapes shapes;
  for (const auto& [relation, lines] : found) {
    for (const ShapeLine& line : lines) shapes[relation].push_back(line.text);
  }
  return shapes;
}

}  // namespace

std::string_view without_digest(std::string_view line) {
  constexpr std::size_t kLength = 32;  // of an MD5 in hexadecimal
  const std::size_t at = line.rfind(" #");
  return at != std::string_view::npos && line.size() == at + 2 + kLength ? line.substr(0, at) : line;
}

std::map<std::string, std::vector<ShapeLine>> relation_lines(postgres::Session& session,
                                                             const std::vector<std::string>& relations) {
  if (relations.empty()) return {};
  return lines_of(session.execute(query_for(array_of(relations))));
}

Shapes relation_shapes(postgres::Session& session, const std::vector<std::string>& relations) {
  return shapes_of(relation_lines(session, relations));
}

RepeatedShapes::RepeatedShapes(postgres::Session& session) : session_(session) {
  // A plan for each array of names would take several times as long as the query.
  session_.execute("SET plan_cache_mode = force_generic_plan");
  session_.execute("PREPARE lockstep_shapes (pg_catalog.text[]) AS " + query_for("$1"));
}

Shapes RepeatedShapes::of(const std::vector<std::string>& relations) {
  if (relations.empty()) return {};
  return shapes_of(lines_of(session_.execute("EXECUTE lockstep_shapes (" + array_of(relations) + ")")));
}

}  // namespace lockstep::executor
