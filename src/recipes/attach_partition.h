// A partition comes to a parent without PostgreSQL reading a table while nobody else can use it. It reads the partition, where
// that is a table with rows, and the parent's DEFAULT partition, to see that no row of that one belongs to the new one. A valid
// CHECK that says the same spares it the reading.
//
//   ALTER TABLE t ADD CONSTRAINT n CHECK (…) NOT VALID   ACCESS EXCLUSIVE, brief, no scan
//   ALTER TABLE t VALIDATE CONSTRAINT n                  SHARE UPDATE EXCLUSIVE, reads the table
//   ATTACH PARTITION, or CREATE TABLE … PARTITION OF     ACCESS EXCLUSIVE on the partition and the DEFAULT one, brief: the valid
//                                                        CHECKs are the proof, no scan
//   ALTER TABLE t DROP CONSTRAINT n                      in the same transaction
//
// CHECK (what holds for each row of the partition) on the partition, and CHECK (NOT (…)) on the DEFAULT one. The latter refuses
// the rows of the new partition until that is there, which is said as a hazard. The text is PostgreSQL's own (row_probe.h).
// Where it proves nothing to PostgreSQL, the partition is attached or created as it is, and the scan is said: a hash key with a
// collation, a collation that a key has and its column hasn't, a parent whose place among its own partitions changes too.
#pragma once

#include "recipes/context.h"

namespace lockstep::recipes {

// `place` attaches or creates `partition`; it comes last, with what it still reads. `columns`: what the table of a partition that
// is attached needs in its final shape before it can be checked.
plan::Steps placed_without_scan(plan::Step place, const Object& partition, const std::vector<ObjectId>& columns,
                                const Context& context);
// The same without the steps before it: whatever PostgreSQL reads, it reads in this step.
plan::Steps placed_with_scan(plan::Step place, const Object& partition, const Context& context);

}  // namespace lockstep::recipes
