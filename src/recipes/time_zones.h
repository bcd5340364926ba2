// Whether a conversion of stored values goes by a time zone: that of the session that does it. One rule for plain columns, and
// for values inside arrays, domains, composites and ranges, at any depth. Pure.
#pragma once

#include <string>

#include "catalog/catalog.h"

namespace lockstep::recipes {

// A value of the one type becomes one of the other, and where the one has a time zone the other has none. Types are as PostgreSQL
// prints them, each in its catalog: a type of one name may be another one there. What composites have on both sides is compared
// attribute by attribute, ranges by their bounds.
bool follows_time_zone(const std::string& from, const catalog::Catalog& from_catalog, const std::string& to,
                       const catalog::Catalog& to_catalog);

}  // namespace lockstep::recipes
