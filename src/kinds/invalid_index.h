// Indexes that a failed build left behind without their contents.
#pragma once

#include <string>
#include <vector>

#include "catalog/catalog.h"

namespace lockstep::kinds {

// The qualified and quoted names of the indexes that are INVALID in `catalog`.
std::vector<std::string> invalid_indexes(const catalog::Catalog& catalog);

}  // namespace lockstep::kinds
