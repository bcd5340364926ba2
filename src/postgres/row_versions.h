// The row versions of the catalogs: if they are equal before and after, everything read in between saw one state of the
// database, even through functions such as pg_get_viewdef that don't follow the snapshot.
//
// Every catalog of the server counts, except those listed in the source that say nothing about a schema. So a catalog that a
// later PostgreSQL adds is covered without a change here.
#pragma once

#include <map>
#include <string>

#include "session/session.h"

namespace lockstep::postgres {

// Maps a catalog to a digest over (ctid, xmin) of its rows. The key begins with "shared " for rows outside the database's own
// catalogs: those of the whole cluster (roles, tablespaces …) and those of Lockstep's record.
using RowVersions = std::map<std::string, std::string>;

// Reads in the snapshot of the open transaction, or in a new one. Two queries. A catalog that the role may not read has an
// empty digest.
RowVersions read_row_versions(Session& session);
// The database's own catalogs whose rows differ: "pg_class, pg_attribute". Empty: nothing changed.
std::string moved(const RowVersions& before, const RowVersions& after);
// Whether every catalog could be read. Only then do equal versions mean an equal state.
bool complete(const RowVersions& versions);

}  // namespace lockstep::postgres
