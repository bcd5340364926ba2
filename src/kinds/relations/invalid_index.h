// Indexes that a failed build left without their contents.
#pragma once

#include <string>
#include <vector>

#include "catalog/catalog.h"

namespace lockstep::kinds {

// Whether it is an INVALID index of an ordinary table, which is what a failed build leaves. Nobody wants it; pg_dump leaves it
// out too.
bool is_left_over(const catalog::Object& object, const catalog::Catalog& catalog);
// The qualified, quoted names of the INVALID indexes in `catalog`.
std::vector<std::string> invalid_indexes(const catalog::Catalog& catalog);

}  // namespace lockstep::kinds
