// A copy of a schema has the foreign keys of its source that aren't enforced, so that making them anew is tried there. Private to
// the elaborator.
#pragma once

#include "catalog/catalog.h"
#include "postgres/scratch.h"

namespace lockstep::elaborator {

// Only a superuser may disable the triggers that PostgreSQL makes for a foreign key: that of the scratch server does it. Without
// one they stay enabled, and the copy differs.
void mark_unenforced(postgres::Scratch& scratch, const catalog::Catalog& source);

}  // namespace lockstep::elaborator
