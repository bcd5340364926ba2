// What a table can't give up when it gets a parent. Pure.
#pragma once

#include "kinds/kind.h"

namespace lockstep::kinds {

// INHERIT leaves a column or a check that the table has itself as its own, beside what it inherits, and no statement takes that
// away again. Throws RefusedError if the files want it to be inherited only: after somebody's NO INHERIT, say.
void refuse_new_parents(const Change& change, const Catalog& from, const Catalog& to);

}  // namespace lockstep::kinds
