// PostgreSQL's errors on declared objects, as diagnostics at their places in the files. Private to the elaborator.
#pragma once

#include <vector>

#include "elaborator/builder.h"
#include "elaborator/scripts.h"
#include "parser/declared.h"

namespace lockstep::elaborator {

// Adds one diagnostic a cause: an object that failed only because another one is missing is counted with that one.
void report_build(const parser::Declared& declared, const std::vector<BuildFailure>& failures,
                  const std::vector<ScriptFailure>& of_scripts, support::Diagnostics& diagnostics);

// The first line of a statement in a file.
support::Span first_line(const support::Span& statement);

}  // namespace lockstep::elaborator
