// A scratch database that imitates a live server, and reading it.

#pragma once

#include "catalog/catalog.h"
#include "elaborator/options.h"
#include "postgres/introspect.h"
#include "postgres/scratch.h"

namespace lockstep::elaborator {

// `live`: the server to imitate; null: the newest PostgreSQL of this machine. Roles that `catalog` or `live` refer to are
// created.
postgres::ScratchOptions scratch_options(const postgres::Snapshot* live, const catalog::Catalog& catalog, const Options& options);
// The scratch database's contents, with the intended owners and without the grants that Lockstep made there.
postgres::Snapshot read_scratch(postgres::Scratch& scratch, bool unmanaged = false);

}  // namespace lockstep::elaborator
