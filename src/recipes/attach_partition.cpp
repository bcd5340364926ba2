#include "recipes/attach_partition.h"

#include <algorithm>
#include <optional>

#include "catalog/keys.h"
#include "recipes/relation.h"
#include "recipes/row_probe.h"
#include "recipes/tags.h"
#include "recipes/transitional.h"
#include "support/digest.h"
#include "support/sql_text.h"

namespace lockstep::recipes {

using plan::LockMode;
using plan::Phase;
using plan::Step;
using support::qualified;

namespace {

// A table with rows that PostgreSQL scans when the partition is attached or created, and the CHECK that avoids the scan.
struct Reading {
  ObjectId table;
  std::optional<plan::DataCheck> question;
  std::string check;  // the expression of the CHECK; empty: there is none that proves it
  std::string name;   // of the CHECK, as it is wanted
  std::string refuses, asks, role, breaking;
  std::vector<ObjectId> consumes;
};

// The partition constraint with those of all partitions above it. Empty: a CHECK would not prove all of it.
std::string proof_of_all(const Object& partition, const Context& context) {
  const RowProbe* probe = row_probe(partition.id, context);
  std::size_t levels = 0;
  for (const Object* table = &partition; table != nullptr && table->has(keys::kPartitionOf);
       table = context.to.find({kTable, table->get(keys::kPartitionOf)}))
    ++levels;
  const bool all = probe != nullptr && probe->levels.size() == levels &&
                   std::none_of(probe->levels.begin(), probe->levels.end(), [](const auto& level) { return level.empty(); });
  return all ? support::join(probe->levels, " AND ") : "";
}

// The DEFAULT partition has the same ancestors, so only the bound itself distinguishes the two.
std::string proof_of_bound(const Object& partition, const Context& context) {
  const RowProbe* probe = row_probe(partition.id, context);
  return probe == nullptr || probe->levels.empty() ? "" : probe->levels.front();
}

Reading reading_of_partition(const Object& partition, const std::vector<ObjectId>& columns, const Context& context) {
  const std::string name = qualified(partition.id.path), parent = qualified(partition.get(keys::kPartitionOf));
  return {.table = partition.id,
          .question = outside_partition(partition, context),
          .check = proof_of_all(partition, context),
          .name = partition.id.path[1] + "_partition",
          .refuses = "refuse new rows of " + name + " that don't belong to it as a partition of " + parent,
          .asks = "check that every row of " + name + " belongs to it as a partition of " + parent,
          .role = "check of a partition's rows",
          .breaking = "INSERTs into and UPDATEs of " + name + " with rows that don't belong to partition " +
                      partition.get(keys::kBound) + " fail",
          .consumes = columns};
}

Reading reading_of_default(const Object& partition, const ObjectId& table, const Context& context) {
  const std::string name = qualified(partition.id.path);
  const std::string own = partition.id.path[0] == table.path[0] ? "" : "_" + support::sha256(name).substr(0, 8);
  const std::string proof = proof_of_bound(partition, context);
  return {.table = table,
          .question = left_in_default(partition, table, context),
          .check = proof.empty() ? "" : "NOT (" + proof + ")",
          .name = table.path[1] + "_not_" + partition.id.path[1] + own,
          .refuses = "refuse new rows of the default partition " + qualified(table.path) + " that belong to partition " + name,
          .asks = "check that no row of the default partition " + qualified(table.path) + " belongs to partition " + name,
          .role = "check of a default partition's rows",
          .breaking =
              "until partition " + name + " is there, INSERTs and UPDATEs of its rows, " + partition.get(keys::kBound) + ", fail",
          .consumes = {}};
}

std::vector<Reading> readings(const Object& partition, const std::vector<ObjectId>& columns, const Context& context) {
  std::vector<Reading> all;
  if (context.online(partition.id)) all.push_back(reading_of_partition(partition, columns, context));
  if (const auto beside = default_beside(partition, context)) all.push_back(reading_of_default(partition, *beside, context));
  return all;
}

void read_in_place(Step& place, const Reading& reading, const Context& context) {
  place.scans = true;
  place.bytes += context.bytes(reading.table);
  if (reading.question) place.checks.push_back(*reading.question);
}

// Then only its bound changes, and the step that detaches it states what is refused.
bool stays_with_parent(const Object& partition, const Context& context) {
  return context.from.find(partition.id)->get(keys::kPartitionOf) == partition.get(keys::kPartitionOf);
}

// After the table is attached, a statement that writes rows of other partitions into it fails.
void refuse_others(Step& place, const Reading& reading) {
  place.phase = Phase::contract;
  place.consequences.push_back({"breaking", support::join(reading.table.path, "."), reading.breaking});
}

void prove_before(plan::Steps& steps, Step& place, const Reading& reading, const Context& context) {
  const std::string name = transitional_name(context, reading.table.path[0], reading.name);
  const std::string alter = "ALTER TABLE " + qualified(reading.table.path) + " ", quoted = support::quote_identifier(name);
  Step add{.phase = Phase::contract, .title = reading.refuses, .lock = LockMode::access_exclusive};
  add.sql = {alter + "ADD CONSTRAINT " + quoted + " CHECK (" + reading.check + ") NOT VALID"};
  add.helpers = {constraint_helper(reading.role, reading.table, name)};
  add.consumes = reading.consumes;
  add.breaking = reading.breaking;

  Step validate{.phase = Phase::contract, .title = reading.asks, .lock = LockMode::share_update_exclusive};
  validate.sql = {alter + "VALIDATE CONSTRAINT " + quoted};
  validate.scans = true;
  validate.bytes = context.bytes(reading.table);
  if (reading.question) validate.checks = {*reading.question};

  place.sql.push_back(alter + "DROP CONSTRAINT " + quoted);
  for (auto& helper : taken(add)) place.helpers.push_back(std::move(helper));
  steps.push_back(std::move(add));
  steps.push_back(std::move(validate));
}

}  // namespace

plan::Steps placed_without_scan(Step place, const Object& partition, const std::vector<ObjectId>& columns,
                                const Context& context) {
  plan::Steps steps;
  for (const Reading& reading : readings(partition, columns, context)) {
    if (reading.check.empty()) {
      read_in_place(place, reading, context);
      if (reading.table == partition.id && !stays_with_parent(partition, context)) refuse_others(place, reading);
    } else {
      prove_before(steps, place, reading, context);
    }
  }
  steps.push_back(std::move(place));
  return steps;
}

plan::Steps placed_with_scan(Step place, const Object& partition, const Context& context) {
  for (const Reading& reading : readings(partition, {}, context)) read_in_place(place, reading, context);
  return {std::move(place)};
}

}  // namespace lockstep::recipes
