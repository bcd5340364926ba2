#include "executor/leaf.h"

#include "executor/inner_types.h"
#include "support/sql_text.h"

namespace lockstep::executor {

namespace {

// Foreign keys are among the triggers, PostgreSQL's own, on either side: they compare by casts and operators of the columns'
// types. What CREATE OR REPLACE replaces keeps its OID, so its row's version counts too. A partition's key is its ancestors'.
support::Sql facts() {
  return R"sql(WITH RECURSIVE leaf AS (
  SELECT c.oid, c.relrowsecurity, c.relforcerowsecurity FROM pg_catalog.pg_class c
  WHERE c.oid = $1::pg_catalog.oid AND c.oid = pg_catalog.to_regclass($2::text)
), part AS (
  SELECT a.* FROM leaf JOIN pg_catalog.pg_attribute a ON a.attrelid = leaf.oid AND a.attnum > 0 AND NOT a.attisdropped
), )sql" +
         inner_types("SELECT atttypid FROM part") + R"sql(
SELECT (SELECT pg_catalog.pg_relation_filenode(oid) FROM leaf), (SELECT pg_catalog.string_agg(k.what, ' ' ORDER BY k.what) FROM (
  SELECT 't' || t.oid::pg_catalog.text || t.tgenabled::pg_catalog.text || t.xmin::pg_catalog.text AS what FROM leaf JOIN pg_catalog.pg_trigger t ON t.tgrelid = leaf.oid
  UNION ALL SELECT 'r' || w.oid::pg_catalog.text || w.ev_enabled::pg_catalog.text || w.xmin::pg_catalog.text FROM leaf JOIN pg_catalog.pg_rewrite w ON w.ev_class = leaf.oid
  UNION ALL SELECT 'p' || p.oid::pg_catalog.text || ':' || p.xmin::pg_catalog.text FROM leaf JOIN pg_catalog.pg_policy p ON p.polrelid = leaf.oid
  UNION ALL SELECT 's' || relrowsecurity::pg_catalog.text || relforcerowsecurity::pg_catalog.text FROM leaf
  UNION ALL SELECT 'h' || a.oid::pg_catalog.text FROM leaf CROSS JOIN LATERAL pg_catalog.pg_partition_ancestors(leaf.oid) AS a (oid)
  UNION ALL SELECT 'c' || k.oid::pg_catalog.text || ':' || k.xmin::pg_catalog.text FROM pg_catalog.pg_cast k
  WHERE k.oid >= 16384 AND k.castcontext = 'i' AND k.castsource IN (SELECT atttypid FROM part UNION SELECT oid FROM type)
  UNION ALL SELECT 'k' || k.oid::pg_catalog.text FROM leaf JOIN pg_catalog.pg_constraint k ON k.conrelid = leaf.oid
  UNION ALL SELECT 'd' || k.oid::pg_catalog.text FROM type JOIN pg_catalog.pg_constraint k ON k.contypid = type.oid
  UNION ALL SELECT 'a' || attnum::pg_catalog.text || ':' || atttypid::pg_catalog.text FROM part
  UNION ALL SELECT 'g' || d.oid::pg_catalog.text FROM part JOIN pg_catalog.pg_attrdef d ON d.adrelid = part.attrelid AND d.adnum = part.attnum
  WHERE part.attgenerated <> ''
  UNION ALL SELECT 'i' || i.indexrelid::pg_catalog.text FROM leaf JOIN pg_catalog.pg_index i ON i.indrelid = leaf.oid
  WHERE )sql" +
         kIndexCalls + ") AS k (what))";
}

}  // namespace

std::int64_t filenode_of(postgres::Session& session, const Leaf& leaf) {
  return session.query("SELECT pg_catalog.pg_relation_filenode($1)", {std::to_string(leaf.oid)}).integer(0, 0);
}

std::string rows_of(const plan::Step& step, const Leaf& leaf) {
  return leaf.name + " AS " + support::quote_identifier(step.batches.table);
}

LeafFacts facts_of(postgres::Session& session, const Leaf& leaf) {
  const auto found = session.repeated(facts(), {std::to_string(leaf.oid), leaf.name});
  return {found.at(0, 0) ? found.integer(0, 0) : 0, found.at(0, 1) ? found.text(0, 1) : ""};
}

std::string code_of(postgres::Session& session, const Leaf& leaf) {
  return facts_of(session, leaf).code;
}

}  // namespace lockstep::executor
