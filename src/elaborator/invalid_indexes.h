// Makes the indexes of a scratch copy INVALID that are INVALID in its source, so that rebuilding them can be tried. Private to
// the elaborator.
#pragma once

#include "catalog/catalog.h"
#include "postgres/scratch.h"

namespace lockstep::elaborator {

// No statement creates an INVALID index on purpose, so the scratch server's superuser updates pg_index for those that are
// INVALID in `source`. Without a superuser they stay valid, and the copy differs from the source.
void mark_invalid(postgres::Scratch& scratch, const catalog::Catalog& source);

}  // namespace lockstep::elaborator
