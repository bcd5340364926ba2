#include "kinds/values/row_probe.h"

#include <algorithm>

#include "kinds/kinds_list.h"
#include "recipes/relation.h"
#include "support/sql_text.h"

namespace lockstep::kinds {
namespace {

using support::qualified;
using support::quote_literal;

constexpr Attr<std::string> kDefinition{"definition"}, kBound{"bound"}, kPartitionBy{"partition_by"};
constexpr Attr<bool> kUniqueIndex{"unique"}, kExpressions{"expressions"};
constexpr Attr<List> kPartitionOf{"partition_of"};
constexpr std::string_view kMade = "lockstep_probe", kDefaultBound = "DEFAULT";

bool changes(const Change& change, std::string_view name) {
  return std::any_of(change.attributes.begin(), change.attributes.end(),
                     [&](const auto& item) { return item.attribute == name; });
}

// For the index with this oid.
std::string of_index(const std::string& index) {
  return "SELECT 'key', pg_catalog.pg_get_indexdef(x.indexrelid, k, false) FROM pg_catalog.pg_index x, "
         "pg_catalog.generate_series(1, x.indnkeyatts::pg_catalog.int4) k WHERE x.indexrelid = " +
         index +
         " UNION ALL SELECT 'condition', pg_catalog.pg_get_expr(x.indpred, x.indrelid) FROM pg_catalog.pg_index x WHERE "
         "x.indpred IS NOT NULL AND x.indexrelid = " +
         index;
}

std::vector<RowQuestion> index_questions(const Object& index) {
  const bool says =
      index.get(kUniqueIndex) || index.get(kExpressions) || index.get(kDefinition).find(" WHERE ") != std::string::npos;
  if (!says) return {};
  return {{.made = {std::string("CREATE ") + (index.get(kUniqueIndex) ? "UNIQUE " : "") + "INDEX " + std::string(kMade) + " ON " +
                    recipes::relation_name(index.id) + " " + index.get(kDefinition)},
           .query = of_index(quote_literal(qualified(index.id.path[0], std::string(kMade))) + "::pg_catalog.regclass"),
           .parent = {}}};
}

std::vector<RowQuestion> exclude_questions(const Object& exclude) {
  const std::string table = recipes::relation_name(exclude.id);
  const std::string constraint = "(SELECT %s FROM pg_catalog.pg_constraint c WHERE c.conname = '" + std::string(kMade) +
                                 "' AND c.conrelid = " + quote_literal(table) + "::pg_catalog.regclass)";
  const auto of = [&](const std::string& column) { return std::string(constraint).replace(constraint.find("%s"), 2, column); };
  return {{.made = {"ALTER TABLE " + table + " ADD CONSTRAINT " + std::string(kMade) + " EXCLUDE " + exclude.get(kDefinition)},
           .query = of_index(of("c.conindid")) +
                    " UNION ALL SELECT 'with', s.text FROM (SELECT 'OPERATOR(' || pg_catalog.quote_ident(n.nspname) || '.' || "
                    "o.oprname || ')' AS text FROM pg_catalog.unnest(" +
                    of("c.conexclop") +
                    ") WITH ORDINALITY e (op, n) JOIN pg_catalog.pg_operator o ON o.oid = e.op JOIN pg_catalog.pg_namespace n ON "
                    "n.oid = o.oprnamespace ORDER BY e.n) s",
           .parent = {}}};
}

// Its bound may be occupied under the parent, so the partition is created under an empty copy of the parent.
RowQuestion partition_question(const Object& partition, const Object& parent) {
  const std::string schema = parent.id.path[0], copy = qualified(schema, std::string(kMade));
  const std::string part = qualified(schema, std::string(kMade) + "_part"), name = qualified(parent.id.path);
  return {.made = {"CREATE TABLE " + copy + " (LIKE " + name + ") PARTITION BY " + parent.get(kPartitionBy),
                   "CREATE TABLE " + part + " PARTITION OF " + copy + " " + partition.get(kBound)},
          .query = "SELECT 'parent', " + quote_literal(copy) + "::pg_catalog.regclass::pg_catalog.oid::text UNION ALL SELECT " +
                   "'condition', pg_catalog.pg_get_partition_constraintdef(" + quote_literal(part) + "::pg_catalog.regclass)",
          .parent = name};
}

std::vector<RowQuestion> partition_questions(const Object& partition, const Catalog& live, const Catalog& desired) {
  std::vector<RowQuestion> questions;
  for (const Object* part = &partition; part != nullptr && part->has(kPartitionOf);) {
    const ObjectId above{&kTable.tag, part->get(kPartitionOf)};
    const Object* parent = desired.find(above);
    if (parent == nullptr || !live.contains(above) || part->get(kBound) == kDefaultBound) break;
    questions.push_back(partition_question(*part, *parent));
    part = parent;
  }
  return questions;
}

}  // namespace

std::vector<RowQuestion> row_questions(const Change& change, const Catalog& live, const Catalog& desired) {
  if (change.what == Change::What::removed) return {};
  const Object& object = *desired.find(change.id);
  const bool set = change.what == Change::What::set;
  if (change.id.is(kTable.tag)) {
    return set && !changes(change, kBound.name) && !changes(change, kPartitionOf.name)
               ? std::vector<RowQuestion>()
               : partition_questions(object, live, desired);
  }
  if (set && !changes(change, kDefinition.name) && !changes(change, kUniqueIndex.name)) return {};
  if (change.id.path.size() != 3 || !live.contains(recipes::relation_of(change.id))) return {};
  if (change.id.is(kIndex.tag)) return index_questions(object);
  if (change.id.is(kExclude.tag)) return exclude_questions(object);
  return {};
}

}  // namespace lockstep::kinds
