// A scratch database that is like a live server, and what is read from it.

#pragma once

#include "catalog/catalog.h"
#include "elaborator/options.h"
#include "postgres/introspect.h"
#include "postgres/scratch.h"

namespace lockstep::elaborator {

// `live`: the server it must be like; null: this machine's newest. Roles that `catalog` or `live` mention are made there.
postgres::ScratchOptions scratch_options(const postgres::Snapshot* live, const catalog::Catalog& catalog, const Options& options);
// What it holds, with the owners that are meant. What Lockstep itself granted there is left out.
postgres::Snapshot read_scratch(postgres::Scratch& scratch, bool unmanaged = false);

}  // namespace lockstep::elaborator
