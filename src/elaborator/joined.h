// The desired catalog, of what was elaborated and what the database has already. Private to the elaborator.
#pragma once

#include <optional>

#include "catalog/catalog.h"
#include "elaborator/unchanged.h"

namespace lockstep::elaborator {

// The desired catalog: what was elaborated of `unchanged.anew`, and the kept live objects. nullopt: they don't go together (a
// name is taken twice, something that an unchanged object uses is not there), so that everything has to be elaborated. Pure.
std::optional<catalog::Catalog> joined(const Unchanged& unchanged, const catalog::Catalog& elaborated,
                                       const catalog::Catalog& live);

}  // namespace lockstep::elaborator
