#include "recipes/row_probe.h"

#include <algorithm>

#include "catalog/keys.h"
#include "recipes/conversion.h"
#include "recipes/relation.h"
#include "recipes/row_check.h"
#include "recipes/tags.h"
#include "support/sql_text.h"

namespace lockstep::recipes {

using catalog::List;
using support::quote_identifier;

namespace {

// Whether the columns that it uses keep their values until it is created.
bool as_they_are(const Object& object, const Context& context) {
  std::vector<std::string> columns;
  const ObjectId relation = relation_of(object.id);
  for (const auto& edge : context.to.edges_from(*context.to.index_of(object.id))) {
    const ObjectId& used = context.to.at(edge.referenced).id;
    if (used.is(*kColumn) && relation_of(used) == relation) columns.push_back(used.path[2]);
  }
  return !is_converted(relation, columns, context);
}

// "(SELECT …) AS a": the key of each row as lockstep_key, and its values as lockstep_1 …
std::string keyed(const ObjectId& relation, const RowProbe& probe, const Context& context) {
  const std::string alias = quote_identifier(relation.path[1]);
  std::string select = shown_by(context.from, relation, alias) + " AS lockstep_key, " + alias + ".tableoid AS lockstep_table, " +
                       alias + ".ctid AS lockstep_place";
  int number = 0;
  for (const auto& key : probe.keys) select += ", " + key + " AS lockstep_" + std::to_string(++number);
  return "(SELECT " + select + " FROM " + support::qualified(relation.path) + " AS " + alias +
         (probe.condition.empty() ? "" : " WHERE " + probe.condition) + ")";
}

plan::DataCheck no_two_alike(const Object& index, const RowProbe& probe, bool nulls_not_distinct, const Context& context) {
  const ObjectId relation = relation_of(index.id);
  std::vector<std::string> names, present;
  for (std::size_t i = 1; i <= probe.keys.size(); ++i) {
    names.push_back("lockstep_" + std::to_string(i));
    present.push_back(names.back() + " IS DISTINCT FROM NULL");
  }
  const std::string list = support::join(names, ", ");
  const std::string rows = " FROM (SELECT lockstep_key, " + list + ", pg_catalog.count(*) OVER (PARTITION BY " + list +
                           ") AS lockstep_alike FROM " + keyed(relation, probe, context) + " AS lockstep_rows" +
                           (nulls_not_distinct ? "" : " WHERE " + support::join(present, " AND ")) +
                           ") AS lockstep_counted WHERE lockstep_alike > 1";
  return {.rule = "no two rows of " + relation_name(index.id) + " are alike in " + catalog::to_string(index.id) + ", (" +
                  support::join(probe.keys, ", ") + ")" + (probe.condition.empty() ? "" : " where " + probe.condition),
          .count = "SELECT pg_catalog.count(*)" + rows,
          .sample = "SELECT lockstep_key || ' has ' || pg_catalog.left(pg_catalog.concat_ws(', ', " + list + "), 60)" + rows +
                    " ORDER BY " + list + ", lockstep_key LIMIT 5"};
}

}  // namespace

const RowProbe* row_probe(const ObjectId& id, const Context& context) {
  if (context.row_probes == nullptr) return nullptr;
  const auto found = context.row_probes->find(id);
  return found == context.row_probes->end() ? nullptr : &found->second;
}

std::vector<plan::DataCheck> index_tried(const Object& index, bool unique, bool nulls_not_distinct, const Context& context) {
  const RowProbe* probe = row_probe(index.id, context);
  const ObjectId relation = relation_of(index.id);
  if (probe == nullptr || !context.online(relation) || !context.to.contains(relation)) return {};
  std::vector<plan::DataCheck> checks;
  const bool computes = index.get(keys::kExpressions) || !probe->condition.empty();
  if (computes) {
    // Evaluates the expressions and is true for no row. PostgreSQL chooses the order in which it evaluates the sides of AND.
    std::string condition = "pg_catalog.num_nulls(" + support::join(probe->keys, ", ") + ") < 0";
    if (!probe->condition.empty()) condition = "CASE WHEN " + probe->condition + " THEN " + condition + " ELSE false END";
    checks.push_back(row_check(
        relation, "what " + catalog::to_string(index.id) + " is over can be computed in every row of " + relation_name(index.id),
        condition, true, context));
  }
  if (unique) checks.push_back(no_two_alike(index, *probe, nulls_not_distinct, context));
  for (auto& check : checks) check.upfront = as_they_are(index, context);
  return checks;
}

std::vector<plan::DataCheck> exclusion_tried(const Object& exclude, const Context& context) {
  constexpr std::int64_t kMostToCompare = std::int64_t{4} * 1024 * 1024;
  const RowProbe* probe = row_probe(exclude.id, context);
  const ObjectId relation = relation_of(exclude.id);
  if (probe == nullptr || !context.online(relation) || probe->keys.size() != probe->operators.size()) return {};
  const bool narrowed = std::any_of(probe->operators.begin(), probe->operators.end(),
                                    [](const std::string& name) { return name == "OPERATOR(pg_catalog.=)"; });
  if (!narrowed && context.bytes(relation) > kMostToCompare) return {};
  const std::string rows = keyed(relation, *probe, context);
  std::string pairs = " FROM " + rows + " AS a JOIN " + rows +
                      " AS b ON (a.lockstep_table, a.lockstep_place) <> (b.lockstep_table, b.lockstep_place)";
  for (std::size_t i = 0; i < probe->keys.size(); ++i) {
    const std::string name = ".lockstep_" + std::to_string(i + 1);
    pairs += " AND a" + name + " " + probe->operators[i] + " b" + name;
  }
  return {{.rule = "no two rows of " + relation_name(exclude.id) + " exclude each other under " + catalog::to_string(exclude.id),
           .count = "SELECT pg_catalog.count(*) FROM (SELECT DISTINCT a.lockstep_table, a.lockstep_place" + pairs +
                    ") AS lockstep_rows",
           .sample = "SELECT DISTINCT ON (a.lockstep_key) a.lockstep_key || ' with ' || b.lockstep_key" + pairs +
                     " ORDER BY a.lockstep_key, b.lockstep_key LIMIT 5",
           .upfront = as_they_are(exclude, context)}};
}

std::optional<plan::DataCheck> outside_partition(const Object& partition, const Context& context) {
  const RowProbe* probe = row_probe(partition.id, context);
  if (probe == nullptr || probe->condition.empty()) return std::nullopt;
  return row_check(partition.id,
                   "every row of " + support::qualified(partition.id.path) + " belongs to it as a partition of " +
                       support::qualified(partition.get(keys::kPartitionOf)) + ", " + partition.get(keys::kBound),
                   "(" + probe->condition + ") IS NOT TRUE", true, context);
}

std::optional<plan::DataCheck> left_in_default(const Object& partition, const ObjectId& default_partition,
                                               const Context& context) {
  const RowProbe* probe = row_probe(partition.id, context);
  if (probe == nullptr || probe->condition.empty()) return std::nullopt;
  return row_check(default_partition,
                   "no row of the default partition " + support::qualified(default_partition.path) + " belongs to partition " +
                       support::qualified(partition.id.path) + ", " + partition.get(keys::kBound),
                   probe->condition, true, context);
}

std::vector<plan::DataCheck> unreferenced(const ObjectId& partition, const Context& context) {
  std::vector<plan::DataCheck> checks;
  if (!context.online(partition)) return checks;
  std::vector<ObjectId> above;
  for (const Object* table = context.from.find(partition); table != nullptr && table->has(keys::kPartitionOf);
       table = context.from.find(above.back()))
    above.push_back({kTable, table->get(keys::kPartitionOf)});
  for (const Object& key : context.from.objects()) {
    if (!key.id.is(*kForeignKey) || context.is_new(key.id) || !context.to.contains(key.id)) continue;
    const ObjectId referenced{kTable, key.get(keys::kReferences)};
    if (std::find(above.begin(), above.end(), referenced) == above.end() || !context.online(relation_of(key.id))) continue;
    const List columns = key.get(keys::kColumns), others = key.get(keys::kReferencedColumns);
    std::string match;
    const std::string row = quote_identifier(relation_of(key.id).path[1]);
    for (std::size_t i = 0; i < columns.size() && i < others.size(); ++i) {
      match += (i > 0 ? " AND " : "") + std::string("lockstep_referenced.") + quote_identifier(others[i]) + " = " + row + "." +
               quote_identifier(columns[i]);
    }
    checks.push_back(
        row_check(relation_of(key.id),
                  "no row of " + relation_name(key.id) + " refers to a row of " + support::qualified(partition.path) + " by " +
                      catalog::to_string(key.id) + ", since PostgreSQL detaches no partition that is referred to",
                  "EXISTS (SELECT FROM " + support::qualified(partition.path) + " AS lockstep_referenced WHERE " + match + ")",
                  false, context));
  }
  return checks;
}

}  // namespace lockstep::recipes
