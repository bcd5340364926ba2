// Files and folders as importers read them. Throws UsageError that names the path.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "importer/migrations.h"

namespace lockstep::importer {

// Without a byte order mark.
support::SourcePtr read_file(const std::string& path);
// The same; refused if it leads out of `folder`.
support::SourcePtr read_inside(const std::string& path, const std::string& folder);

struct Entry {
  std::string path;  // below the folder: "v1/V1__a.sql"
  std::string name;  // its last part
  bool folder = false;
};
// What is directly in the folder, or (`deep`) everything below it, in byte order of the paths. Links to folders are not followed.
std::vector<Entry> entries(const std::string& folder, bool deep);

// "-5" for "…" of these numbers: less, equal, more. Digits only, of any length; zeros before them don't count.
int compare_numbers(std::string_view a, std::string_view b);

void refuse_variables(std::string_view format, const Variables& variables);
bool is_folder(const std::string& path);
bool exists(const std::string& path);
// The path for a message.
std::string shown(const std::string& path);

}  // namespace lockstep::importer
