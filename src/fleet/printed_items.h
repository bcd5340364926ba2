// A catalog's own text, and which objects each of its items says.
#pragma once

#include <vector>

#include "catalog/catalog.h"
#include "fleet/item_subjects.h"
#include "parser/ast.h"

namespace lockstep::fleet {

// Throws RefusedError if the language can't say what it has.
std::vector<parser::ast::File> printed_items(const catalog::Catalog& catalog);
// `printed`: what printed_items() made of the catalog, and `items` were made of.
void state_all(ItemSubjects& items, const std::vector<parser::ast::File>& printed, const catalog::Catalog& catalog);

}  // namespace lockstep::fleet
