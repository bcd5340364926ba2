// The files that `schema:` and `--schema` name. A folder means every .schema and .sql file below it; * ? [ ] make a pattern.
//
// A file named on the command line may be anywhere. A file found in a folder or by a pattern, and every file that lockstep.yaml
// names, must be in that folder after symbolic links are resolved: it may come from a stranger, and error messages show lines
// of a file.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace lockstep::fleet {

// By the end of its name.
bool is_schema_file(const std::filesystem::path& path);

// Sorted within each item, without duplicates. Throws UsageError if an item matches no file (an empty schema by accident would
// mean "drop everything") or leads out of its folder.
std::vector<std::string> schema_files(const std::vector<std::string>& items);
// `schema:` of the lockstep.yaml in the folder `project` (empty: the current one).
std::vector<std::string> project_schema_files(const std::vector<std::string>& items, const std::string& project);

// Whether a new file of this path would be one of those that the items name. `project`: as above; nullopt: they are of the
// command line.
bool would_be_read(const std::string& path, const std::vector<std::string>& items, const std::optional<std::string>& project);

}  // namespace lockstep::fleet
