// Keeps writers out of a hidden column while its values are saved.
// CREATE TRIGGER: SHARE ROW EXCLUSIVE, brief, in the transaction that hides the column. Undo: drop both triggers and the function
// (transitional objects). Watch: errors of writers that name no columns; the message says what they met.
#pragma once

#include "recipes/context.h"

namespace lockstep::recipes {

// Writes by position (INSERT without column names, COPY) would still reach the column and be lost unnoticed: two triggers and
// their function, each named by `helper`, refuse them. `hidden`: the name that it has been given. `message`: what a writer is
// told of it.
std::vector<std::string> close_to_writers(const Object& column, const std::string& helper, const std::string& hidden,
                                          const std::string& message);
// The end of it. Somebody may have dropped them by hand meanwhile.
std::vector<std::string> open_to_writers(const std::string& table, const std::string& helper);

}  // namespace lockstep::recipes
