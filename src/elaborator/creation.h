// The statements that make a whole schema from nothing.
#pragma once

#include "elaborator/options.h"
#include "plan/step.h"
#include "postgres/introspect.h"

namespace lockstep::elaborator {

// The steps that make the whole of `live` in an empty database, in an order that works. What every database begins with
// (schema public) is asked of a scratch database. `owners`: with the statements that give each object its owner.
plan::Steps creation(const postgres::Snapshot& live, const Options& options, bool owners);

}  // namespace lockstep::elaborator
