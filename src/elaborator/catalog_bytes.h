// A catalog as bytes, for the cache: compact and fast to read (10,000 tables in a fraction of a second; JSON takes several).
// Only the same program reads the bytes, so they contain no format version.
//
// Numbers are LEB128; a text is its length and its bytes. First comes a table of all texts of ids, kinds and attributes: the
// count, then each text once. Then the objects in the catalog's order: kind, path, parent (0: none, else 1 + its index),
// attributes (name, type, value). Then the edges: dependent, referenced, automatic.
#pragma once

#include <string>
#include <string_view>

#include "catalog/catalog.h"

namespace lockstep::elaborator {

std::string to_bytes(const catalog::Catalog& catalog);
// Throws InternalError if to_bytes() didn't write the bytes.
catalog::Catalog catalog_from(std::string_view bytes);

}  // namespace lockstep::elaborator
