// Whether a conversion of stored values depends on the session's time zone. One rule covers plain columns and values inside
// arrays, domains, composites and ranges, at any depth. Pure.
#pragma once

#include <string>

#include "catalog/catalog.h"

namespace lockstep::recipes {

// Whether a value of one type becomes one of the other so that one side has a time zone and the other has none. The types are
// as PostgreSQL prints them; each is looked up in its own catalog, since a type of the same name may differ. Composites are
// compared attribute by attribute for the attributes on both sides, ranges by their bounds.
bool follows_time_zone(const std::string& from, const catalog::Catalog& from_catalog, const std::string& to,
                       const catalog::Catalog& to_catalog);

}  // namespace lockstep::recipes
