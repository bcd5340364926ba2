// A scratch database that imitates a live server, and reading it.

#pragma once

#include <string>

#include "catalog/catalog.h"
#include "elaborator/options.h"
#include "postgres/introspect.h"
#include "postgres/scratch.h"

namespace lockstep::elaborator {

// `live`: the server to imitate; null: the newest PostgreSQL of this machine. Roles that `catalog` or `live` refer to are
// created.
postgres::ScratchOptions scratch_options(const postgres::Snapshot* live, const catalog::Catalog& catalog, const Options& options);
// Of everything that what is made in such a database depends on, besides the texts and PostgreSQL itself.
std::string digest(const postgres::ScratchOptions& wanted);
// The scratch database's contents, with the intended owners and without the grants that Lockstep made there.
postgres::Snapshot read_scratch(postgres::Scratch& scratch, bool unmanaged = false);
// The same of one that was just created with these options, and in which nothing was done yet. On the embedded server all of them
// are alike, so only the first one is read; safe in several threads.
postgres::Snapshot read_new(postgres::Scratch& scratch, const postgres::ScratchOptions& options);

}  // namespace lockstep::elaborator
