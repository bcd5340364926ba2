// A catalog as bytes, for the cache: compact and quick to read (10,000 tables in a fraction of a second, where JSON takes
// several). Only this program reads what it wrote, so there is no version in it.
//
// Numbers are LEB128; a text is its length and its bytes. Texts of ids, kinds and attributes stand once, in a table at the front:
// count, texts. Then the objects in the catalog's order: kind, path, parent (0: none, else 1 + its number), attributes (name,
// type, value); then the edges: dependent, referenced, automatic.
#pragma once

#include <string>
#include <string_view>

#include "catalog/catalog.h"

namespace lockstep::elaborator {

std::string to_bytes(const catalog::Catalog& catalog);
// Throws InternalError on what to_bytes() didn't write.
catalog::Catalog catalog_from(std::string_view bytes);

}  // namespace lockstep::elaborator
