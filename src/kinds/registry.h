// The list of kinds. Its order is the planner's documented tie-break: what is created first if nothing else decides.
//
// The list is explicit and uses no static initialisation: a kind that is listed without a file is a link error.
#pragma once

#include <span>
#include <string_view>

#include "kinds/kind.h"

namespace lockstep::kinds {

std::span<const KindSpec* const> all();
const KindSpec* find(std::string_view name);                             // nullptr: no such kind
const KindSpec& of(const catalog::ObjectId& id);                         // throws InternalError on an unknown kind
int rank(const catalog::ObjectId& id);                                   // position in all()
const AttrSpec* attribute(const KindSpec& kind, std::string_view name);  // nullptr: none

}  // namespace lockstep::kinds
