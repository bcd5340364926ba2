// Comments and labels of objects that have no block of their own: columns, attributes of composite types, checks of domains.
#pragma once

#include <string>

#include "catalog/catalog.h"

namespace lockstep::kinds {

// " comment 'c'": the declarations of the satellites of `target`, in the registry's order. Empty: there are none.
std::string declared_inline(const catalog::ObjectId& target, const catalog::Catalog& catalog);

}  // namespace lockstep::kinds
