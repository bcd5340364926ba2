// What the owners in a catalog say.
#pragma once

#include <string>

#include "catalog/catalog.h"

namespace lockstep::kinds {

// Whether everything belongs to `role`, apart from what PostgreSQL gives to pg_database_owner when a database is created
// (schema public). Then no owner need be declared: whoever creates the schema from the files, also under another role on
// another server, owns all of it again.
bool belong_to(const catalog::Catalog& catalog, const std::string& role);

// A sequence that belongs to a column has the owner of its table, so an owner that is stated for it says nothing, unless another
// one is stated for the table. `declared`: where the table is.
void leave_owner_to_table(catalog::Object& object, const catalog::Catalog& declared);

}  // namespace lockstep::kinds
