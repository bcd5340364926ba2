// What is said of objects that have no block of their own: columns, attributes of composite types, checks of domains.
#pragma once

#include <string>

#include "catalog/catalog.h"

namespace lockstep::kinds {

// " comment 'c'": what the satellites of `target` declare, in the registry's order; empty: nothing.
std::string said_inline(const catalog::ObjectId& target, const catalog::Catalog& catalog);

}  // namespace lockstep::kinds
