// Names that a plan takes away, or gives another meaning, as the text of a body would write them.
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
  catalog::Path path;    // {"app", "t", "total"}; a routine's with its argument types, an enum's value last
  std::string becomes;   // "is renamed to amount", "goes", "becomes bigint"
  bool retyped = false;  // the name stays: only what needs the old type fails
  catalog::ObjectId id;  // of the object, as the steps name it
  // What a column or value is a part of, {"app", "t2"}, where that is renamed too: a body may say either name. Else empty.
  catalog::Path renamed_whole = {};
};

// A rename's old name.
std::vector<GoneName> gone_by_rename(const catalog::ObjectId& from, const catalog::ObjectId& to);
// `from`, `to`: of the changed object; null for one that is not there. Paths are as in `change`.
std::vector<GoneName> gone_by_change(const catalog::Change& change, const catalog::Object* from, const catalog::Object* to);

// A routine in a language: what its body is, and where it looks names up. nullopt: the object has no body of text (C, an
// SQL-standard body, whose dependencies PostgreSQL keeps itself).
struct RoutineText {
  std::string language, arguments, result, body;
  std::vector<std::string> search_path;  // of its own; empty: its caller's
};
std::optional<RoutineText> routine_text(const catalog::Object& object);
// How many arguments a call may give: {least, most}; most is -1 for a variadic one.
std::pair<int, int> argument_counts(const catalog::Object& routine);
// Whether a trigger of this kind calls the routine it depends on.
bool is_trigger(const catalog::ObjectId& id);

}  // namespace lockstep::kinds
