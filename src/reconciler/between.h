// What changes between two states of the files, without a database: `from` is made on a scratch database, and the plan leads from
// there to `to`. It is proved like any other plan; what only a database knows (sizes, times, who waits) is missing in it.
#pragma once

#include "reconciler/comparison.h"

namespace lockstep::reconciler {

// Nobody knows how large the tables are.
enum class Tables { large, small };

// The plan's target is empty, so no database takes it. Throws like compare().
Comparison between(const parser::Declared& from, const parser::Declared& to, Tables tables, const elaborator::Options& options,
                   support::Diagnostics& diagnostics);

// Private to the reconciler: fills the plan of `comparison`, whose `live` is that of a scratch database without a journal.
void compare_made(postgres::Session& scratch, const parser::Declared& declared, const elaborator::Options& options,
                  Comparison& comparison, support::Diagnostics& diagnostics);

}  // namespace lockstep::reconciler
