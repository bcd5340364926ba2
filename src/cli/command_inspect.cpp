// Prints a live database as schema file, plain SQL or JSON. Names on stderr every object that no kind covers.
#include <fmt/format.h>

#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>

#include "catalog/value_json.h"
#include "cli/commands.h"
#include "cli/report.h"
#include "cli/target.h"
#include "cli/text.h"
#include "elaborator/creation.h"
#include "executor/sound_journal.h"
#include "kinds/access/owners.h"
#include "kinds/constraints/unenforced_keys.h"
#include "parser/declared.h"
#include "plan/step.h"
#include "postgres/introspect.h"
#include "support/error.h"
#include "support/sql_text.h"

namespace lockstep::cli {
namespace {

using nlohmann::ordered_json;

std::string catalog_json(const postgres::Snapshot& snapshot) {
  ordered_json objects = ordered_json::array();
  for (const catalog::Object& object : snapshot.catalog.objects()) {
    ordered_json one = catalog::id_json(object.id);
    if (object.parent) one["parent"] = catalog::id_json(*object.parent);
    for (const auto& [name, value] : object.attributes) one["attributes"][std::string(name)] = catalog::value_json(value);
    objects.push_back(std::move(one));
  }
  ordered_json document;
  document["format"] = "lockstep-catalog/1";
  document["database"] = snapshot.target.database;
  document["server_version"] = snapshot.target.server_version;
  document["objects"] = std::move(objects);
  document["unmanaged"] = ordered_json::array();
  for (const postgres::Unmanaged& one : snapshot.unmanaged) document["unmanaged"].push_back(one.description);
  return document.dump(2, ' ', false, ordered_json::error_handler_t::replace) + "\n";
}

// psql can run it on an empty database, and Lockstep accepts it as desired state.
std::string catalog_sql(const postgres::Snapshot& snapshot, const elaborator::Options& options, bool owners) {
  constexpr int kMajor = 10000;
  std::string text = fmt::format("-- database {}, PostgreSQL {}; by `lockstep inspect --format sql`\n\n",
                                 support::quote_identifier(snapshot.target.database), snapshot.target.server_version / kMajor);
  text += "SET check_function_bodies = false;\n";
  std::optional<std::vector<std::string>> path;
  for (const plan::Step& step : elaborator::creation(snapshot, options, owners)) {
    if (!path || *path != step.search_path)
      text += "\nSET search_path TO " + (step.search_path.empty() ? "''" : support::identifier_list(step.search_path)) + ";\n";
    path = step.search_path;
    text += '\n';
    for (const std::string& statement : step.sql) text += statement + ";\n";
  }
  return text;
}

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
  app.option("--format", options.format, "schema, sql or json").choices({"schema", "sql", "json"}).type("FORMAT");
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

support::ExitCode run(const Options& options, const ConfigOptions& config, const Console& console) {
  if (!options.split.empty() && !is_folder(options.output)) throw support::UsageError("--split needs a folder: -o FOLDER/");
  if (is_folder(options.output) && !options.format.empty() && options.format != "schema")
    throw support::UsageError("only --format schema is written to a folder; name a file for " + options.format);
  Work todo = work({.config = config, .target = &options.target, .shadow = &options.shadow}, console);
  if (options.format == "sql") {  // only the order of statements needs a scratch database
    support::Diagnostics diagnostics;
    todo.options.shadow = shadow_of(options.shadow, todo.configuration.get(), todo.url, console, diagnostics);
    settle(diagnostics, console);
  }
  const auto session = executor::connect(todo.url, todo.settings.application);
  const postgres::Snapshot snapshot = postgres::introspect(*session, {.facts = false});
  std::vector<std::string> unmanaged;
  for (const postgres::Unmanaged& one : snapshot.unmanaged) unmanaged.push_back(one.description);
  const bool owners = options.owners || !kinds::belong_to(snapshot.catalog, snapshot.current_user);
  const auto stated = owners ? parser::Owners::stated : parser::Owners::left_out;
  const auto one_text = [&] {
    if (options.format == "json") return catalog_json(snapshot);
    if (options.format == "sql") return catalog_sql(snapshot, todo.options, owners);
    return parser::to_schema_text(snapshot.catalog, stated);
  };
  if (is_folder(options.output)) {
    const auto split = options.split == "schema" ? parser::Split::schema : parser::Split::object;
    const std::map<std::string, std::string> files = options.split == "none"
                                                         ? std::map<std::string, std::string>{{"database.schema", one_text()}}
                                                         : parser::to_schema_files(snapshot.catalog, split, stated);
    write_folder(options.output, files);
    console.err(fmt::format("{} written below {}\n", plural(files.size(), "file"), options.output));
  } else if (options.output.empty()) {
    console.exact(one_text());
  } else {
    write_file(options.output, one_text());
  }
  show_unmanaged(unmanaged, console);
  show_unenforced(snapshot.catalog, console);
  return support::ExitCode::done;
}

}  // namespace

constinit const Command kInspect = command<Options, flags, run>("inspect", "write a live database as a schema file, SQL or JSON");

}  // namespace lockstep::cli
