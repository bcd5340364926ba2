// What a new index, exclusion constraint or partition requires of a row, and a detached partition goes on requiring, as
// PostgreSQL printed it after it was created on the scratch copy. Checks of the live rows are made from it before the first step.
// Absent if it depends on objects that the plan creates. Pure.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "recipes/context.h"

namespace lockstep::recipes {

struct RowProbe {
  std::vector<std::string> keys;       // expressions over the row
  std::vector<std::string> operators;  // of an exclusion constraint, one a key: "OPERATOR(pg_catalog.&&)"
  std::string condition;               // of a partial index; of a partition: its partition constraint. Empty: none
  // The parts of a partition's condition: its own bound's, then that of each partition above it. Empty where PostgreSQL doesn't
  // take a CHECK for a proof of the part. There are fewer parts than levels where PostgreSQL was not asked about all of them.
  std::vector<std::string> levels = {};
  // Of a partition that leaves its parent: the name of the CHECK with its bound that DETACH PARTITION … CONCURRENTLY adds to it.
  std::string kept_check = {};
};
const RowProbe* row_probe(const ObjectId& id, const Context& context);

// Checks for rows on which an expression of the index fails, and for duplicates if it is unique. `upfront`: see step.h.
std::vector<plan::DataCheck> index_tried(const Object& index, bool unique, bool nulls_not_distinct, const Context& context);
// A check for rows that exclude each other. Empty if no operator is an equality and the table is large, because each row would
// be compared with each other row.
std::vector<plan::DataCheck> exclusion_tried(const Object& exclude, const Context& context);
// A check for rows of an existing table that don't fit the partition that it becomes. nullopt: its condition is not known.
std::optional<plan::DataCheck> outside_partition(const Object& partition, const Context& context);
// A check for rows of this DEFAULT partition that belong to `partition`.
std::optional<plan::DataCheck> left_in_default(const Object& partition, const ObjectId& default_partition,
                                               const Context& context);
// Checks for rows that are referenced by foreign keys to a table above the partition. PostgreSQL refuses to detach such a
// partition.
std::vector<plan::DataCheck> unreferenced(const ObjectId& partition, const Context& context);

}  // namespace lockstep::recipes
