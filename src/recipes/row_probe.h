// What a new index, exclusion constraint or partition says of a row, as PostgreSQL printed it when it was made on the scratch
// copy: with that the rows are asked before the first step. Absent where it leans on what the plan makes. Pure.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "recipes/context.h"

namespace lockstep::recipes {

struct RowProbe {
  std::vector<std::string> keys;       // expressions over the row
  std::vector<std::string> operators;  // of an exclusion constraint, one a key: "OPERATOR(pg_catalog.&&)"
  std::string condition;               // of a partial index; of a partition: what holds for each row of it. Empty: none
  // The parts of a partition's condition: its own bound's, then that of each partition it lies in, inside out. Empty where no
  // CHECK proves the part to PostgreSQL. There are fewer than levels where PostgreSQL was not asked about all of them.
  std::vector<std::string> levels = {};
};
const RowProbe* row_probe(const ObjectId& id, const Context& context);

// Rows for which an expression of the index fails, and those that a unique one finds twice. `upfront`: see step.h.
std::vector<plan::DataCheck> index_tried(const Object& index, bool unique, bool nulls_not_distinct, const Context& context);
// Rows that exclude each other. Empty where no operator is an equality and the table is large: each row would be compared with
// each.
std::vector<plan::DataCheck> exclusion_tried(const Object& exclude, const Context& context);
// Rows that the partition, which stands as a table, may not have. nullopt: nothing is known of what it may have.
std::optional<plan::DataCheck> outside_partition(const Object& partition, const Context& context);
// Rows of this DEFAULT partition that belong to `partition`.
std::optional<plan::DataCheck> left_in_default(const Object& partition, const ObjectId& default_partition,
                                               const Context& context);
// Rows that foreign keys to a table above the partition refer to: PostgreSQL doesn't let it go.
std::vector<plan::DataCheck> unreferenced(const ObjectId& partition, const Context& context);

}  // namespace lockstep::recipes
