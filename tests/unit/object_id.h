// Ids as tests write them.
#pragma once

#include <string_view>

#include "kinds/registry.h"

namespace lockstep::testing {

inline catalog::ObjectId id(std::string_view kind, catalog::Path path) {
  return {&kinds::find(kind)->tag, std::move(path)};
}

}  // namespace lockstep::testing
