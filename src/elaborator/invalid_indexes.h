// A copy of a schema has the INVALID indexes of its source, so that building them again is tried there. Private to the
// elaborator.
#pragma once

#include "catalog/catalog.h"
#include "postgres/scratch.h"

namespace lockstep::elaborator {

// No statement makes an INVALID index on purpose: the scratch server's superuser marks those that `source` has so. Without a
// superuser they stay valid, and the copy differs.
void mark_invalid(postgres::Scratch& scratch, const catalog::Catalog& source);

}  // namespace lockstep::elaborator
