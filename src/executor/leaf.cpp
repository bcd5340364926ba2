#include "executor/leaf.h"

#include "support/sql_text.h"

namespace lockstep::executor {

namespace {

// The triggers of foreign keys are PostgreSQL's own (tgisinternal).
constexpr support::Sql kFacts =
    R"sql(SELECT pg_catalog.pg_relation_filenode($1::pg_catalog.oid), (SELECT pg_catalog.string_agg(k.what, ' ' ORDER BY k.what) FROM (
  SELECT 't' || t.oid::pg_catalog.text || t.tgenabled::pg_catalog.text AS what FROM pg_catalog.pg_trigger t
  WHERE t.tgrelid = $1::pg_catalog.oid AND NOT t.tgisinternal
  UNION ALL SELECT 'r' || w.oid::pg_catalog.text || w.ev_enabled::pg_catalog.text FROM pg_catalog.pg_rewrite w WHERE w.ev_class = $1::pg_catalog.oid
  UNION ALL SELECT 'p' || p.oid::pg_catalog.text FROM pg_catalog.pg_policy p WHERE p.polrelid = $1::pg_catalog.oid
  UNION ALL SELECT 's' || c.relrowsecurity::pg_catalog.text || c.relforcerowsecurity::pg_catalog.text FROM pg_catalog.pg_class c
  WHERE c.oid = $1::pg_catalog.oid
  UNION ALL SELECT 'c' || k.oid::pg_catalog.text FROM pg_catalog.pg_constraint k
  WHERE k.contype = 'c' AND (k.conrelid = $1::pg_catalog.oid
    OR k.contypid IN (SELECT a.atttypid FROM pg_catalog.pg_attribute a WHERE a.attrelid = $1::pg_catalog.oid AND NOT a.attisdropped))
  UNION ALL SELECT 'g' || a.attnum::pg_catalog.text FROM pg_catalog.pg_attribute a
  WHERE a.attrelid = $1::pg_catalog.oid AND a.attgenerated <> '' AND NOT a.attisdropped
  UNION ALL SELECT 'i' || i.indexrelid::pg_catalog.text FROM pg_catalog.pg_index i
  WHERE i.indrelid = $1::pg_catalog.oid AND (i.indexprs IS NOT NULL OR i.indpred IS NOT NULL)) AS k (what)))sql";

}  // namespace

std::int64_t filenode_of(postgres::Session& session, const Leaf& leaf) {
  return session.query("SELECT pg_catalog.pg_relation_filenode($1)", {std::to_string(leaf.oid)}).integer(0, 0);
}

std::string rows_of(const plan::Step& step, const Leaf& leaf) {
  return leaf.name + " AS " + support::quote_identifier(step.batches.table);
}

LeafFacts facts_of(postgres::Session& session, const Leaf& leaf) {
  const auto found = session.query(kFacts, {std::to_string(leaf.oid)});
  if (!found.at(0, 0) && !leaf.foreign) return {};  // it was dropped: no block numbers, no code
  return {leaf.foreign ? 0 : found.integer(0, 0), found.at(0, 1) ? found.text(0, 1) : ""};
}

std::string code_of(postgres::Session& session, const Leaf& leaf) {
  return facts_of(session, leaf).code;
}

}  // namespace lockstep::executor
