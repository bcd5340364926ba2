// Describes what is in the database and in none of the objects read, with the objects that it needs.
#pragma once

#include <vector>

#include "postgres/dependencies.h"
#include "postgres/introspect.h"
#include "postgres/object_reader.h"

namespace lockstep::postgres {

// Sorted by description. Two queries, whatever the size.
std::vector<Unmanaged> read_unmanaged(Session& session, const ReadObjects& read, const Dependencies& dependencies);

}  // namespace lockstep::postgres
