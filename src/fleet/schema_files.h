// What `schema:` and `--schema` name → files. A folder means every .schema and .sql file below it; * ? [ ] make a pattern.
//
// A file that somebody names by itself on the command line is their choice. What is found in a folder or by a pattern, and all
// that lockstep.yaml names, must stay in that folder, links resolved: it may come from a stranger, and errors show lines of a
// file.
#pragma once

#include <string>
#include <vector>

namespace lockstep::fleet {

// Sorted within each item, each file once. Throws UsageError on an item that leads to no file (never an empty schema by accident,
// because that would mean "drop everything") and on one that leads out of its folder.
std::vector<std::string> schema_files(const std::vector<std::string>& items);
// `schema:` of the lockstep.yaml that lies in the folder `project` (empty: the current one).
std::vector<std::string> project_schema_files(const std::vector<std::string>& items, const std::string& project);

}  // namespace lockstep::fleet
