// Names that a plan removes or gives another meaning, in the form in which the text of a body refers to them.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "catalog/catalog.h"
#include "catalog/change.h"

namespace lockstep::kinds {

struct GoneName {
  enum class What { schema, relation, column, routine, type, value };
  What what = What::relation;
  catalog::Path path;    // {"app", "t", "total"}; a routine's path ends with its argument types, an enum value's with the value
  std::string becomes;   // "is renamed to amount", "goes", "becomes bigint"
  bool retyped = false;  // the name stays: only what needs the old type fails
  catalog::ObjectId id;  // of the object, as in Step::destroys and Step::produces
  // The path of what a column or value is part of, {"app", "t2"}, if that is renamed too: a body may use either name. Else
  // empty.
  catalog::Path renamed_whole = {};
};

// The old names of a rename.
std::vector<GoneName> gone_by_rename(const catalog::ObjectId& from, const catalog::ObjectId& to);
// `from` and `to` are the changed object on each side; null if it doesn't exist there. Paths are as in `change`.
std::vector<GoneName> gone_by_change(const catalog::Change& change, const catalog::Object* from, const catalog::Object* to);

// A routine's language and body, and where it looks names up. nullopt: the object has no body as text (a C function, or an
// SQL-standard body, whose dependencies PostgreSQL records).
struct RoutineText {
  std::string language, arguments, result, body;
  std::vector<std::string> search_path;  // its SET clause; empty: the caller's applies
};
std::optional<RoutineText> routine_text(const catalog::Object& object);
// Whether all that changes is such a body, which can be replaced in place.
bool replaces_body(const catalog::Change& change);
// How many arguments a call may have: {least, most}; most is -1 for a variadic routine.
std::pair<int, int> argument_counts(const catalog::Object& routine);
// Whether the id is a trigger's, which calls the routine that it depends on.
bool is_trigger(const catalog::ObjectId& id);

}  // namespace lockstep::kinds
