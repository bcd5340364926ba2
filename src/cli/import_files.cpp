#include "cli/import_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "cli/report.h"
#include "kinds/registry.h"
#include "support/error.h"
#include "support/lines.h"
#include "support/source_text.h"
#include "support/sql_text.h"
#include "support/visible.h"

namespace lockstep::cli {
namespace {

namespace fs = std::filesystem;
using support::UsageError;

// A name in a schema file, where ${ begins a variable.
std::string name_text(const std::string& name) {
  std::string text = support::quote_identifier(name);
  for (std::size_t at = text.find("${"); at != std::string::npos; at = text.find("${", at + 3)) text.insert(at, 1, '$');
  return text;
}

bool is_schema(const catalog::Object& object) {
  return object.id.path.size() == 1 && kinds::schema_of(object.id) == object.id.path.front();
}

}  // namespace

void add_bookkeeping(Texts& files, const importer::Format& format, const std::set<std::string_view>& found,
                     const catalog::Catalog& catalog) {
  std::string lines;
  for (const std::string_view glob : found) lines += fmt::format("  ignore {}{};\n", glob.ends_with('*') ? "" : "table ", glob);
  std::string text = fmt::format(
      "-- What {} notes about its migrations. It stays in the database as it is; once you are sure that you don't go back,\n"
      "-- remove this file, and the plan drops it.\n",
      format.name == "sql" ? "the migrations' tool" : format.name);
  bool any = false;
  for (const catalog::Object& object : catalog.objects()) {
    if (!is_schema(object)) continue;
    text += fmt::format("\nschema {} {{\n{}}}\n", name_text(object.id.path.front()), lines);
    any = true;
  }
  // No other file has such a name: their names have no dots.
  if (any && !found.empty()) files[fmt::format("{}.bookkeeping.schema", format.name)] = text;
}

std::vector<std::string> write_new(const std::string& folder, const Texts& files) {
  std::error_code failure;
  std::vector<std::string> others, changed;
  for (auto at = fs::recursive_directory_iterator(folder, failure); !failure && at != fs::recursive_directory_iterator();
       at.increment(failure)) {
    const std::string extension = at->path().extension().string();
    const std::string path = at->path().lexically_relative(folder).generic_string();
    if ((extension == ".schema" || extension == ".sql") && !files.contains(path)) others.push_back(support::visible(path));
  }
  for (const auto& [path, text] : files) {
    const std::string whole = (fs::path(folder) / path).string();
    std::error_code ignored;
    if (fs::exists(fs::symlink_status(whole, ignored)) && support::read_source(whole)->text() != text) changed.push_back(path);
  }
  std::sort(others.begin(), others.end());
  if (!changed.empty())
    throw UsageError(
        fmt::format("these files exist in {} with another text, and are left as they are; nothing was written. Remove "
                    "them, or name another folder with -o:{}",
                    folder, support::listed(changed)));
  if (!others.empty())
    throw UsageError(
        fmt::format("{} has other schema files, which would be one desired state with the new ones; nothing was "
                    "written. Remove them, or name another folder with -o:{}",
                    folder, support::listed(others)));
  std::vector<std::string> written;
  for (const auto& [path, text] : files) {
    const fs::path whole = fs::path(folder) / path;
    fs::create_directories(whole.parent_path(), failure);
    if (failure) throw UsageError(fmt::format("{}: {}", whole.parent_path().string(), failure.message()));
    write_file(whole.string(), text);
    written.push_back(whole.string());
  }
  return written;
}

}  // namespace lockstep::cli
