// What `schema:` and `--schema` name → files. A folder means every .schema and .sql file below it; * ? [ ] make a pattern.
#pragma once

#include <string>
#include <vector>

namespace lockstep::fleet {

// Sorted within each item, each file once. Throws UsageError on an item that leads to no file: never an empty schema by accident,
// because that would mean "drop everything".
std::vector<std::string> schema_files(const std::vector<std::string>& items);

}  // namespace lockstep::fleet
