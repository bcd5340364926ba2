// Which versions of the catalogs' rows there are: two reads between which nothing moved saw one state of the database,
// even where functions such as pg_get_viewdef don't follow the snapshot.
//
// Every catalog that the server has counts, but for those named in the source that say nothing of a schema: a catalog that a
// later PostgreSQL adds is covered without anybody having to think of it.
#pragma once

#include <map>
#include <string>

#include "postgres/session.h"

namespace lockstep::postgres {

// Catalog → digest over (ctid, xmin) of its rows. Behind "shared " what lies outside of the database's own catalogs: those of
// the whole cluster (roles, tablespaces …) and the rows of Lockstep's record.
using RowVersions = std::map<std::string, std::string>;

// In the snapshot of the transaction that is open, or in a new one. Two queries. A catalog that the role may not read has an
// empty digest.
RowVersions read_row_versions(Session& session);
// The database's own catalogs whose rows differ: "pg_class, pg_attribute". Empty: nothing moved.
std::string moved(const RowVersions& before, const RowVersions& after);
// Whether every catalog could be read: only then do equal versions mean an equal state.
bool complete(const RowVersions& versions);

}  // namespace lockstep::postgres
