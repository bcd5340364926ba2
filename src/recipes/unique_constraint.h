// UNIQUE and PRIMARY KEY on a table with rows.
//
//   CREATE UNIQUE INDEX CONCURRENTLY n ON t (…)              see concurrent_index.h; duplicates are looked for before
//   ALTER TABLE t ADD CONSTRAINT n UNIQUE USING INDEX n      ACCESS EXCLUSIVE, brief, no scan (the columns of a primary key
//                                                            are NOT NULL by then: their own step comes before)
// Another definition, on a table with rows: see successor.h.
// A partitioned table can't adopt an index. There, and on new or empty tables, the direct statement is used; it builds the
// index under ACCESS EXCLUSIVE on the table.
// Safe because: ADD CONSTRAINT … USING INDEX reads no row. Undo: DROP CONSTRAINT, which drops the index too. Watch: duplicates
// that are written while the index is built fail it at the end; the step is then repaired and built again.
#pragma once

#include "recipes/context.h"

namespace lockstep::recipes {

struct UniqueConstraint {
  std::string name;  // plain; empty: PostgreSQL chooses
  bool primary = false;
  std::vector<std::string> columns, include;  // plain names
  bool nulls_not_distinct = false;
  bool without_overlaps = false;
  bool clustered = false;
  std::string deferrable;  // " DEFERRABLE …" or empty
  std::string with;        // " WITH (…)" or empty
  std::string tablespace;  // quoted, or empty
};

// Of a partitioned table, without those of its partitions: it reads nothing, and is valid when each has been attached.
std::string add_to_table_only(const Object& constraint, const UniqueConstraint& what);
// The index becomes the constraint, and gets its name.
std::string adopt_index(const Object& constraint, const UniqueConstraint& what, const std::string& index);

plan::Steps add_unique(const Object& constraint, const UniqueConstraint& what, const Context& context);
// What depends on the old one is gone when the successor takes its place. `named`: the constraint as COMMENT ON names it.
plan::Steps change_unique(const Object& from, const Object& to, const UniqueConstraint& before, const UniqueConstraint& what,
                          const std::string& named, const Context& context);

}  // namespace lockstep::recipes
