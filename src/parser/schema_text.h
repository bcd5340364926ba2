// More ways to write a catalog as a .schema file than declared.h has.
#pragma once

#include <string>

#include "catalog/catalog.h"

namespace lockstep::parser {

// As to_schema_text, and nothing is said of who owns what: an owner that is not declared is not changed.
std::string to_schema_text_without_owners(const catalog::Catalog& catalog);

}  // namespace lockstep::parser
