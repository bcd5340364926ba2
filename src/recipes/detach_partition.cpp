#include "recipes/detach_partition.h"

#include <algorithm>
#include <iterator>
#include <optional>

#include "catalog/keys.h"
#include "recipes/relation.h"
#include "recipes/row_probe.h"
#include "recipes/tags.h"
#include "recipes/transitional.h"
#include "support/sql_text.h"

namespace lockstep::recipes {

using catalog::List;
using plan::LockMode;
using plan::Step;
using support::qualified;
using support::quote_literal;

namespace {

constexpr int kFirstVersion = 140000;
constexpr std::string_view kDefaultPartition = " DEFAULT";  // ends what a foreign table says of its place

ObjectId parent_of(const Object& partition) {
  return {kTable, partition.get(keys::kPartitionOf)};
}

// PostgreSQL refuses CONCURRENTLY beside a DEFAULT partition and while another partition is half detached.
bool refused_beside(const ObjectId& parent, const Catalog& side) {
  const auto index = side.index_of(parent);
  if (!index) return false;
  return std::any_of(side.edges_to(*index).begin(), side.edges_to(*index).end(), [&](const auto& edge) {
    const Object& other = side.at(edge.dependent);
    if (other.id.is(*kTable) && other.get(keys::kPartitionOf) == List(parent.path))
      return other.get(keys::kBound) == keys::kDefaultBound || other.get(kDetachPending);
    return other.has(keys::kDefinition) && other.get(keys::kDefinition).ends_with(kDefaultPartition);
  });
}

// The name of the CHECK that PostgreSQL will add. Empty: not known, or something in the schema has it, so that PostgreSQL would
// choose another one.
std::string kept_check(const Object& partition, const Context& context) {
  const RowProbe* probe = row_probe(partition.id, context);
  if (probe == nullptr || probe->kept_check.empty()) return "";
  const auto has_name = [&](const Object& object) {
    return object.id.path.size() == 3 && object.id.path[0] == partition.id.path[0] && object.id.path[2] == probe->kept_check;
  };
  for (const Catalog* side : {&context.from, &context.to}) {
    if (std::any_of(side->objects().begin(), side->objects().end(), has_name)) return "";
  }
  return probe->kept_check;
}

void add_below(const ObjectId& table, const Context& context, std::vector<plan::RelationLock>& locks) {
  for (const ObjectId& below : partitions(context.from, table)) {
    plan::add_lock(locks, {qualified(below.path), LockMode::access_exclusive});
    add_below(below, context, locks);
  }
}

// It has no transaction whose locks the proof could observe. A foreign key of the parents stays with the table, and gets triggers
// of its own on what it refers to; one that refers to the parents is taken off the table.
std::vector<plan::RelationLock> locks_of(const Object& partition, const Context& context) {
  std::vector<plan::RelationLock> locks{{qualified(partition.get(keys::kPartitionOf)), LockMode::share_update_exclusive},
                                        {qualified(partition.id.path), LockMode::access_exclusive}};
  add_below(partition.id, context, locks);
  std::vector<ObjectId> above;
  for (const Object* table = &partition; table != nullptr && table->has(keys::kPartitionOf);
       table = context.from.find(above.back()))
    above.push_back(parent_of(*table));
  const auto among = [&](const ObjectId& table) { return std::find(above.begin(), above.end(), table) != above.end(); };
  for (const Object& key : context.from.objects()) {
    if (!key.id.is(*kForeignKey)) continue;
    const ObjectId referenced{kTable, key.get(keys::kReferences)};
    if (among(relation_of(key.id))) plan::add_lock(locks, {qualified(referenced.path), LockMode::share_row_exclusive});
    if (among(referenced)) plan::add_lock(locks, {relation_name(key.id), LockMode::access_exclusive});
  }
  return locks;
}

// 'absent' | 'pending' | 'done'
std::string probe_of(const Object& partition) {
  const auto oid = [](const List& path) { return "pg_catalog.to_regclass(" + quote_literal(qualified(path)) + ")"; };
  return "SELECT CASE WHEN t.oid IS NULL OR i.inhrelid IS NOT NULL AND NOT i.inhdetachpending THEN 'absent' WHEN i.inhrelid IS "
         "NULL THEN 'done' ELSE 'pending' END FROM (SELECT " +
         oid(partition.id.path) + " AS oid) t LEFT JOIN pg_catalog.pg_inherits i ON i.inhrelid = t.oid AND i.inhparent = " +
         oid(partition.get(keys::kPartitionOf));
}

}  // namespace

std::string detach_statement(const Object& partition) {
  return "ALTER TABLE " + qualified(partition.get(keys::kPartitionOf)) + " DETACH PARTITION " + qualified(partition.id.path);
}

std::string detach_concurrently_statement(const Object& partition) {
  return detach_statement(partition) + " CONCURRENTLY";
}

std::string detach_finalize_statement(const Object& partition) {
  return detach_statement(partition) + " FINALIZE";
}

plan::Steps detached(Step detach, const Object& partition, bool replaced, const Context& context) {
  const ObjectId parent = parent_of(partition);
  const std::string check = kept_check(partition, context);
  const bool direct = replaced || check.empty() || !context.online(partition.id) || context.server_version < kFirstVersion ||
                      refused_beside(parent, context.from) || refused_beside(parent, context.to);
  if (direct) return {std::move(detach)};

  const std::string name = qualified(partition.id.path);
  Step tidy{.phase = detach.phase,
            .title = "drop the check with its former bound, which the detached " + name + " keeps",
            .lock = LockMode::access_exclusive};
  // PostgreSQL adds none where one of the table's own says the same.
  tidy.sql = {"ALTER TABLE " + name + " DROP CONSTRAINT IF EXISTS " + support::quote_identifier(check)};
  if (detach.sql.size() > 1) tidy.title += ", and what nobody declares";
  std::move(detach.sql.begin() + 1, detach.sql.end(), std::back_inserter(tidy.sql));
  tidy.consumes = {partition.id};

  detach.title += ", which stays in use";
  detach.sql = {detach_concurrently_statement(partition)};
  detach.mode = plan::TransactionMode::outside;
  detach.locks = locks_of(partition, context);
  detach.postcheck = probe_of(partition);
  detach.repair = detach_finalize_statement(partition);
  detach.helpers = {constraint_helper("check with the former bound", partition.id, check)};
  detach.alters = {keys::kPartitionOf.name, keys::kBound.name};
  tidy.helpers = taken(detach);
  return {std::move(detach), std::move(tidy)};
}

}  // namespace lockstep::recipes
