// Indexes that a failed build left behind without their contents.
#pragma once

#include <string>
#include <vector>

#include "catalog/catalog.h"

namespace lockstep::kinds {

// An INVALID index of an ordinary table: what is left of a build that failed, which nobody wants. pg_dump leaves it out too.
bool is_left_over(const catalog::Object& object, const catalog::Catalog& catalog);
// The qualified and quoted names of the indexes that are INVALID in `catalog`.
std::vector<std::string> invalid_indexes(const catalog::Catalog& catalog);

}  // namespace lockstep::kinds
