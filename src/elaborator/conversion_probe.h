// Asks PostgreSQL on the scratch copy whether the values of a column can be converted row by row, by a trigger and in batches.
#pragma once

#include "elaborator/scratch_copy.h"
#include "kinds/kind.h"
#include "recipes/column_succession.h"

namespace lockstep::elaborator {

// Why they can't; empty: they can, and `column` names the settings that the result may depend on. `path`: the schemas in which
// the author's text finds its names.
std::string probe_conversion(Copy& copy, recipes::Succession::Column& column, const std::vector<std::string>& path,
                             const kinds::Context& context);

// Whether PostgreSQL counts the value of a row as volatile. `rows`: " FROM …". Throws what PostgreSQL says of a wrong one.
bool computes_what_is_volatile(postgres::Session& session, const std::string& value, const std::string& rows,
                               const std::vector<std::string>& path);

}  // namespace lockstep::elaborator
