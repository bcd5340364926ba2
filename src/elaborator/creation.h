// The statements that create a whole schema in an empty database.
#pragma once

#include "elaborator/options.h"
#include "plan/step.h"
#include "postgres/introspect.h"

namespace lockstep::elaborator {

// The steps that create all of `live` in an empty database, in a working order. A scratch database is asked what every new
// database contains (schema public). `owners`: includes the statements that set each object's owner.
plan::Steps creation(const postgres::Snapshot& live, const Options& options, bool owners);

}  // namespace lockstep::elaborator
