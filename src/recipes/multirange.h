// The multirange that PostgreSQL makes along with a range. Pure.
#pragma once

#include <string>

#include "catalog/object.h"

namespace lockstep::recipes {

// Its name, qualified: what the range says, or else as makeMultirangeTypeName() names it.
std::string multirange_of(const catalog::Object& range);

}  // namespace lockstep::recipes
