// The list of kinds. Its order is the planner's documented tie-break (what is made first when nothing else decides).
//
// An explicit list, no static-initialisation magic: a kind that is listed but has no file is a link error.
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
bool names_grantee(const KindSpec& kind);                                // the name that a satellite has of its own is a role's

}  // namespace lockstep::kinds
