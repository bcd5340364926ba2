// Whether the owners in a catalog carry any information.
#pragma once

#include <string>

#include "catalog/catalog.h"

namespace lockstep::kinds {

// Whether everything belongs to `role`, apart from what PostgreSQL gives to pg_database_owner when a database is created
// (schema public). Then no owner need be declared: whoever creates the schema from the files, also under another role on
// another server, owns all of it again.
bool belong_to(const catalog::Catalog& catalog, const std::string& role);

}  // namespace lockstep::kinds
