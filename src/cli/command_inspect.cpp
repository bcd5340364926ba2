// Prints a live database as schema file, plain SQL or JSON. Names on stderr every object that no kind covers.
#include <fmt/format.h>

#include <filesystem>
#include <map>

#include "cli/commands.h"
#include "cli/inspect_document.h"
#include "cli/report.h"
#include "cli/target.h"
#include "cli/text.h"
#include "executor/sound_journal.h"
#include "kinds/access/owners.h"
#include "kinds/constraints/unenforced_keys.h"
#include "parser/declared.h"
#include "postgres/introspect.h"
#include "support/error.h"

namespace lockstep::cli {
namespace command_inspect {
namespace {

// Names the unenforced keys, since no file can state them.
void show_unenforced(const catalog::Catalog& catalog, const Console& console) {
  for (const catalog::ObjectId& key : kinds::unenforced_keys(catalog)) {
    const std::string text = catalog::to_string(key) +
                             " is not enforced, since its triggers are disabled; the output declares it as enforced, and a "
                             "plan from it recreates the key and checks the rows";
    show_warning(text, console);
  }
}

struct Options {
  TargetOptions target;
  ShadowOptions shadow;
  std::string format, output, split;
  bool owners = false;
};

void flags(Flags app, Options& options) {
  target_flags(app, options.target);
  shadow_flags(app, options.shadow);
  format_flag<InspectDocument>(app, options.format, kInspectFormats);
  app.flag("--owners", options.owners, "say who owns each object, also where all of them are the connected role's");
  app.option("-o,--output", options.output, "write to this file, or to files below this folder (FOLDER/), instead of stdout")
      .type("FILE|FOLDER/");
  app.option("--split", options.split,
             "below a folder: none (one file), schema (a file a schema) or object (a file a table, view, function; the default)")
      .choices({"none", "schema", "object"})
      .type("HOW");
}

// Refuses if files of another origin are in the folder, because all files of a folder are one desired state.
void write_folder(const std::string& folder, const std::map<std::string, std::string>& files) {
  namespace fs = std::filesystem;
  std::error_code failure;
  for (auto at = fs::recursive_directory_iterator(folder, failure); !failure && at != fs::recursive_directory_iterator();
       at.increment(failure)) {
    const std::string extension = at->path().extension().string();
    const std::string path = at->path().lexically_relative(folder).generic_string();
    if ((extension == ".schema" || extension == ".sql") && !files.contains(path))
      throw support::UsageError(
          fmt::format("{} contains {}, which would remain beside the new files; nothing was written. Remove it, or "
                      "name another folder",
                      folder, path));
  }
  for (const auto& [path, text] : files) {
    const fs::path whole = fs::path(folder) / path;
    fs::create_directories(whole.parent_path(), failure);
    if (failure) throw support::UsageError(fmt::format("{}: {}", whole.parent_path().string(), failure.message()));
    write_file(whole.string(), text);
  }
}

bool is_folder(const std::string& output) {
  std::error_code ignored;
  return output.ends_with('/') || std::filesystem::is_directory(output, ignored);
}

std::map<std::string, std::string> split_files(const InspectDocument& document, const std::string& how) {
  if (how == "none") return {{"database.schema", kInspectSchema.text(document, {})}};
  return parser::to_schema_files(document.snapshot.catalog, how == "schema" ? parser::Split::schema : parser::Split::object,
                                 document.owners ? parser::Owners::stated : parser::Owners::left_out);
}

support::ExitCode run(const Options& options, const ConfigOptions& config, const Console& console) {
  if (!options.split.empty() && !is_folder(options.output)) throw support::UsageError("--split needs a folder: -o FOLDER/");
  const auto& renderer = renderer_of<InspectDocument>(kInspectFormats, options.format);
  if (is_folder(options.output) && &renderer != &kInspectSchema)
    throw support::UsageError("only --format schema is written to a folder; name a file for " + options.format);
  const Work todo = work({.config = config, .target = &options.target, .shadow = &options.shadow}, console);
  const auto session = executor::connect(todo.url, todo.settings.application);
  const postgres::Snapshot snapshot = postgres::introspect(*session, {.facts = false});
  std::vector<std::string> unmanaged;
  for (const postgres::Unmanaged& one : snapshot.unmanaged) unmanaged.push_back(one.description);
  const bool owners = options.owners || !kinds::belong_to(snapshot.catalog, snapshot.current_user);
  const auto scratch = [&] {
    support::Diagnostics diagnostics;
    elaborator::Options how = todo.options;
    how.shadow = shadow_of(options.shadow, todo.configuration.get(), todo.url, console, diagnostics);
    settle(diagnostics, console);
    return how;
  };
  const InspectDocument document{snapshot, owners, scratch};
  if (is_folder(options.output)) {
    const std::map<std::string, std::string> files = split_files(document, options.split);
    write_folder(options.output, files);
    console.err(fmt::format("{} written below {}\n", plural(files.size(), "file"), options.output));
  } else if (options.output.empty()) {
    print(renderer, document, console);
  } else {
    write_file(options.output, renderer.text(document, {}));
  }
  show_unmanaged(unmanaged, console);
  show_unenforced(snapshot.catalog, console);
  return support::ExitCode::done;
}

}  // namespace
}  // namespace command_inspect

constinit const Command kInspect =
    command<command_inspect::flags, command_inspect::run>("inspect", "write a live database as a schema file, SQL or JSON");

}  // namespace lockstep::cli
