// The files that an import writes.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "catalog/catalog.h"
#include "importer/migrations.h"

namespace lockstep::cli {

using Texts = std::map<std::string, std::string>;  // by the path below the folder

// Adds the file that leaves the tool's own tables alone, in each schema of the catalog.
void add_bookkeeping(Texts& files, const importer::Format& format, const std::set<std::string_view>& found,
                     const catalog::Catalog& catalog);
// Throws UsageError, before anything is written, if a file is there with another text, or the folder has other schema files: all
// of a folder are one desired state. Returns the paths.
std::vector<std::string> write_new(const std::string& folder, const Texts& files);

}  // namespace lockstep::cli
