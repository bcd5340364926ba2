// PostgreSQL's errors on declared objects, as diagnostics at their places in the files. Private to the elaborator.
#pragma once

#include <vector>

#include "elaborator/builder.h"
#include "elaborator/scripts.h"
#include "parser/declared.h"

namespace lockstep::elaborator {

// One diagnostic for each cause: what fails only because another object could not be made is counted with that one.
void report_build(const parser::Declared& declared, const std::vector<BuildFailure>& failures,
                  const std::vector<ScriptFailure>& of_scripts, support::Diagnostics& diagnostics);

// A statement of a file without its later lines.
support::Span first_line(const support::Span& statement);

}  // namespace lockstep::elaborator
