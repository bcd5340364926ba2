// Attaches or creates a partition without a scan under a strong lock. PostgreSQL scans a table with rows that becomes a
// partition, and the parent's DEFAULT partition, because no row there may belong to the new partition. It skips the scan if a
// valid CHECK implies the result.
//
//   ALTER TABLE t ADD CONSTRAINT n CHECK (…) NOT VALID   ACCESS EXCLUSIVE, brief, no scan
//   ALTER TABLE t VALIDATE CONSTRAINT n                  SHARE UPDATE EXCLUSIVE, reads the table
//   ATTACH PARTITION, or CREATE TABLE … PARTITION OF     ACCESS EXCLUSIVE on the partition and the DEFAULT one, brief: the valid
//                                                        CHECKs are the proof, no scan
//   ALTER TABLE t DROP CONSTRAINT n                      in the same transaction
//
// The CHECK on the partition is its partition constraint; the CHECK on the DEFAULT partition is NOT of it. The latter refuses
// rows of the new partition until that exists: a hazard, `breaking`. The text is printed by PostgreSQL (row_probe.h). If
// PostgreSQL doesn't take the CHECK for a proof, the partition is attached or created with the scan, a hazard, `long-lock`: a
// hash key with a collation, a key with another collation than its column, a parent that moves among its own siblings in the same
// plan. Undo: drop the CHECKs (transitional objects); DETACH.
// Watch: INSERTs of rows of the new partition that the CHECK on the DEFAULT one refuses; VALIDATE reads both tables.
#pragma once

#include "recipes/context.h"

namespace lockstep::recipes {

// `place` is the step that attaches or creates `partition`. The result ends with it. `columns`: the columns that must be in their
// final shape before the rows of an attached table can be checked.
plan::Steps placed_without_scan(plan::Step place, const Object& partition, const std::vector<ObjectId>& columns,
                                const Context& context);
// The same with all scans in `place` itself, for a partition that can't be checked before.
plan::Steps placed_with_scan(plan::Step place, const Object& partition, const Context& context);

}  // namespace lockstep::recipes
