// Makes the partitions of a scratch copy half detached that are so in its source, so that finishing it can be tried. Private to
// the elaborator.
#pragma once

#include "catalog/catalog.h"
#include "postgres/scratch.h"

namespace lockstep::elaborator {

// Only a DETACH PARTITION … CONCURRENTLY that is cut off leaves such a partition, so the scratch server's superuser updates
// pg_inherits. Without a superuser they are whole partitions, and the copy differs from the source.
void mark_pending(postgres::Scratch& scratch, const catalog::Catalog& source);

}  // namespace lockstep::elaborator
