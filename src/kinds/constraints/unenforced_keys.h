// Foreign keys that PostgreSQL doesn't enforce because its internal triggers for them are disabled (DISABLE TRIGGER ALL).
#pragma once

#include <vector>

#include "catalog/catalog.h"

namespace lockstep::kinds {

std::vector<catalog::ObjectId> unenforced_keys(const catalog::Catalog& catalog);

}  // namespace lockstep::kinds
