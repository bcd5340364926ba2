// Makes the foreign keys of a scratch copy unenforced that are unenforced in its source, so that recreating them can be tried.
// Private to the elaborator.
#pragma once

#include "catalog/catalog.h"
#include "postgres/scratch.h"

namespace lockstep::elaborator {

// Only a superuser may disable PostgreSQL's internal triggers of a foreign key, so the scratch server's superuser does it.
// Without a superuser they stay enabled, and the copy differs from the source.
void mark_unenforced(postgres::Scratch& scratch, const catalog::Catalog& source);

}  // namespace lockstep::elaborator
