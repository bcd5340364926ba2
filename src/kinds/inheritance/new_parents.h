// What a table can't give up when it gets a parent. Pure.
#pragma once

#include "kinds/kind.h"

namespace lockstep::kinds {

// INHERIT leaves a column or a check that the table has itself as its own, beside what it inherits, and no statement takes that
// away again. Throws RefusedError if the files want it to be inherited only: after somebody's NO INHERIT, say.
void refuse_new_parents(const Change& change, const Catalog& from, const Catalog& to);

// Whether this column, its default or override, or this check is a table's own in `from` and inherited only in `to`, with the
// same settings: no statement is needed, and none would make it equal. A partition is no such table, since ATTACH PARTITION
// makes its columns inherited only.
bool stays_own(const ObjectId& id, const Catalog& from, const Catalog& to);

}  // namespace lockstep::kinds
