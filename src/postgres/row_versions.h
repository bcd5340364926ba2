// Which versions of the catalogs' rows there are: two reads between which nothing moved saw one state of the database,
// even where functions such as pg_get_viewdef don't follow the snapshot.
#pragma once

#include <map>
#include <string>

#include "postgres/session.h"

namespace lockstep::postgres {

using RowVersions = std::map<std::string, std::string>;  // catalog → digest over (ctid, xmin) of the rows people made

// In the snapshot of the transaction that is open, or in a new one. One query.
RowVersions read_row_versions(Session& session);
// The catalogs whose rows differ: "pg_class, pg_attribute". Empty: nothing moved.
std::string moved(const RowVersions& before, const RowVersions& after);

}  // namespace lockstep::postgres
