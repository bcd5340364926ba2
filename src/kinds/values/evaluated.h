// The role of a kind when PostgreSQL evaluates an expression.
#pragma once

#include <set>

#include "kinds/kind.h"

namespace lockstep::kinds {

// Whether it can be called: functions, procedures, aggregates.
bool is_routine(const KindSpec& kind);
// Whether it has values. These run the checks and functions of everything that the type is made of.
bool is_type(const KindSpec& kind);

// PostgreSQL evaluates its expression as rows are written, with the rights of who writes them. Not one of a trigger or key:
// EXECUTE on what these call isn't asked for.
bool evaluated_by_writers(const ObjectId& id);
struct Called {
  std::set<catalog::Path> routines, sequences;
};
// The paths of the routines that PostgreSQL calls, and of the sequences that it draws from, for the object's expression, or for a
// value of its type, with the rights of who writes: themselves, by an operator, by the check of a domain, in a body that it
// knows. Bodies that are text are not looked into.
Called called_by(const Catalog& catalog, const ObjectId& id);

}  // namespace lockstep::kinds
