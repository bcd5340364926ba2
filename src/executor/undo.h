// The statement that takes a transitional object away, or gives it its former name back.
#pragma once

#include <string>

#include "executor/transitional.h"

namespace lockstep::executor {

// From the object's type and names alone: schema lockstep can be written by others than its reader, so nothing that stands there
// is run as SQL. `partitioned`: an index of a partitioned table, which can't be dropped CONCURRENTLY. Throws RefusedError where
// the type isn't one that Lockstep makes for a while, or the name isn't one that it gives.
std::string undo_statement(const Transitional& object, bool partitioned);

}  // namespace lockstep::executor
