// Whether a catalog's owners say anything.
#pragma once

#include <string>

#include "catalog/catalog.h"

namespace lockstep::kinds {

// Everything is this role's, but for what PostgreSQL gave its owner when the database was made (schema public): whoever makes
// it anew with that file owns it all again without being named, be it another role on another server.
bool belong_to(const catalog::Catalog& catalog, const std::string& role);

}  // namespace lockstep::kinds
