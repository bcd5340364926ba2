#include "kinds/values/row_probe.h"

#include "catalog/changes.h"
#include "catalog/keys.h"
#include "kinds/kinds_list.h"
#include "recipes/detach_partition.h"
#include "recipes/relation.h"
#include "support/sql_text.h"

namespace lockstep::kinds {
namespace {

using support::qualified;
using support::quote_literal;

constexpr std::string_view kMade = "lockstep_probe";

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
  const bool says = index.get(keys::kUnique) || index.get(keys::kExpressions) ||
                    index.get(keys::kDefinition).find(" WHERE ") != std::string::npos;
  if (!says) return {};
  return {{.made = {std::string("CREATE ") + (index.get(keys::kUnique) ? "UNIQUE " : "") + "INDEX " + std::string(kMade) +
                    " ON " + recipes::relation_name(index.id) + " " + index.get(keys::kDefinition)},
           .query = of_index(quote_literal(qualified(index.id.path[0], std::string(kMade))) + "::pg_catalog.regclass"),
           .parent = {}}};
}

std::vector<RowQuestion> exclude_questions(const Object& exclude) {
  const std::string table = recipes::relation_name(exclude.id);
  const std::string constraint = "(SELECT %s FROM pg_catalog.pg_constraint c WHERE c.conname = '" + std::string(kMade) +
                                 "' AND c.conrelid = " + quote_literal(table) + "::pg_catalog.regclass)";
  const auto of = [&](const std::string& column) { return std::string(constraint).replace(constraint.find("%s"), 2, column); };
  return {
      {.made = {"ALTER TABLE " + table + " ADD CONSTRAINT " + std::string(kMade) + " EXCLUDE " + exclude.get(keys::kDefinition)},
       .query = of_index(of("c.conindid")) +
                " UNION ALL SELECT 'with', s.text FROM (SELECT 'OPERATOR(' || pg_catalog.quote_ident(n.nspname) || '.' || "
                "o.oprname || ')' AS text FROM pg_catalog.unnest(" +
                of("c.conexclop") +
                ") WITH ORDINALITY e (op, n) JOIN pg_catalog.pg_operator o ON o.oid = e.op JOIN pg_catalog.pg_namespace n ON "
                "n.oid = o.oprnamespace ORDER BY e.n) s",
       .parent = {}}};
}

// Whether PostgreSQL takes a CHECK of a partition's condition for a proof of it. It compares the two as expressions, and where a
// key has another collation than the column, or a hash key has one at all, what is printed reads back as another expression.
std::string provable(const std::string& table) {
  return "(SELECT CASE k.partstrat WHEN 'h' THEN 0 = ALL (k.partcollation::pg_catalog.oid[]) ELSE "
         "pg_catalog.strpos(pg_catalog.pg_get_partkeydef(k.partrelid), ' COLLATE ') = 0 END "
         "FROM pg_catalog.pg_partitioned_table k WHERE k.partrelid = " +
         table + ")";
}

// The other partitions of its parent in that catalog. The condition of a DEFAULT partition depends on them.
std::vector<std::pair<ObjectId, std::string>> siblings(const Object& partition, const Catalog& side) {
  std::vector<std::pair<ObjectId, std::string>> found;
  for (const ObjectId& other : recipes::partitions(side, {&kTable.tag, partition.get(keys::kPartitionOf)})) {
    if (other != partition.id) found.emplace_back(other, side.find(other)->get(keys::kBound));
  }
  return found;
}

// Its bound may be occupied under the parent, so the partition is created under an empty copy of the parent.
RowQuestion partition_question(const Object& partition, const Object& parent, const Object& columns, const Catalog& desired) {
  const std::string schema = parent.id.path[0], copy = qualified(schema, std::string(kMade));
  const std::string part = qualified(schema, std::string(kMade) + "_part"), name = qualified(parent.id.path);
  const std::string table = quote_literal(copy) + "::pg_catalog.regclass";
  const std::string condition = "pg_catalog.pg_get_partition_constraintdef(" + quote_literal(part) + "::pg_catalog.regclass)";
  RowQuestion question{.made = {"CREATE TABLE " + copy + " (LIKE " + qualified(columns.id.path) + ") PARTITION BY " +
                                parent.get(keys::kPartitionBy)},
                       .query = "SELECT 'parent', " + table + "::pg_catalog.oid::text UNION ALL SELECT 'condition', " +
                                condition + " UNION ALL SELECT 'level', CASE WHEN " + provable(table) + " THEN " + condition +
                                " END",
                       .parent = name};
  const auto make = [&](const std::string& made, const std::string& bound) {
    question.made.push_back("CREATE TABLE " + made + " PARTITION OF " + copy + " " + bound);
  };
  if (partition.get(keys::kBound) == keys::kDefaultBound) {
    for (const auto& [id, bound] : siblings(partition, desired))
      make(qualified(schema, std::string(kMade) + "_" + std::to_string(question.made.size())), bound);
  }
  make(part, partition.get(keys::kBound));
  return question;
}

// The table that exists already and has the columns of `parent`: itself, or the one above that becomes a partitioned table.
const Object* standing_above(const Object& parent, const Catalog& live, const Catalog& desired) {
  const Object* table = &parent;
  while (table != nullptr && !live.contains(table->id) && table->has(keys::kPartitionOf))
    table = desired.find({&kTable.tag, table->get(keys::kPartitionOf)});
  const Object* before = table == nullptr ? nullptr : live.find(table->id);
  if (before == nullptr) return nullptr;
  const bool remade = before->get(keys::kPartitionBy) != table->get(keys::kPartitionBy);
  return table == &parent || remade ? table : nullptr;
}

// Up to the first level that PostgreSQL can not be asked about. A DEFAULT partition above it must have had its siblings from the
// start.
std::vector<RowQuestion> partition_questions(const Object& partition, const Catalog& live, const Catalog& desired) {
  std::vector<RowQuestion> questions;
  for (const Object* part = &partition; part != nullptr && part->has(keys::kPartitionOf);) {
    const ObjectId above{&kTable.tag, part->get(keys::kPartitionOf)};
    const Object* parent = desired.find(above);
    const Object* columns = parent == nullptr ? nullptr : standing_above(*parent, live, desired);
    if (columns == nullptr) break;
    const bool settled =
        part == &partition || part->get(keys::kBound) != keys::kDefaultBound || siblings(*part, live) == siblings(*part, desired);
    if (!settled) break;
    questions.push_back(partition_question(*part, *parent, *columns, desired));
    part = parent;
  }
  return questions;
}

// PostgreSQL adds a CHECK with the partition's condition, and names it as one that is added without a name.
std::vector<RowQuestion> leaving_questions(const Object& partition) {
  const std::string name = quote_literal(qualified(partition.id.path)), table = name + "::pg_catalog.regclass";
  const std::string add = "BEGIN EXECUTE pg_catalog.format('ALTER TABLE %s ADD CHECK (%s)', " + name +
                          ", pg_catalog.pg_get_partition_constraintdef(" + table + ")); END";
  return {{.made = {"DO " + quote_literal(add)},
           .query = "SELECT 'kept', c.conname FROM pg_catalog.pg_constraint c WHERE c.conrelid = " + table +
                    " AND c.contype = 'c' ORDER BY c.oid DESC LIMIT 1",
           .parent = {}}};
}

}  // namespace

std::vector<RowQuestion> row_questions(const Change& change, const Catalog& live, const Catalog& desired) {
  if (change.what == Change::What::removed) return {};
  const Object& object = *desired.find(change.id);
  const bool set = change.what == Change::What::set;
  if (change.id.is(kTable.tag)) {
    const bool moves = !set || changes(change, keys::kBound.name) || changes(change, keys::kPartitionOf.name) ||
                       changes(change, recipes::kDetachPending.name);
    if (!moves) return {};
    const Object* before = live.find(change.id);
    const bool leaves = set && before->has(keys::kPartitionOf) && !object.has(keys::kPartitionOf);
    return leaves ? leaving_questions(*before) : partition_questions(object, live, desired);
  }
  if (set && !changes(change, keys::kDefinition.name) && !changes(change, keys::kUnique.name)) return {};
  if (change.id.path.size() != 3 || !live.contains(recipes::relation_of(change.id))) return {};
  if (change.id.is(kIndex.tag)) return index_questions(object);
  if (change.id.is(kExclude.tag)) return exclude_questions(object);
  return {};
}

}  // namespace lockstep::kinds
