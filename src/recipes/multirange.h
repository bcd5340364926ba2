// The multirange type that PostgreSQL creates with a range type. Pure.
#pragma once

#include <string>

#include "catalog/object.h"

namespace lockstep::recipes {

// Its qualified name: the declared one, or else the one that makeMultirangeTypeName() chooses.
std::string multirange_of(const catalog::Object& range);

}  // namespace lockstep::recipes
