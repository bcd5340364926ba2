// Live database → schema file, plain SQL or JSON. What no kind expresses is named on stderr, never left out in silence.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>
#include <optional>

#include "catalog/value_json.h"
#include "cli/commands.h"
#include "cli/report.h"
#include "cli/target.h"
#include "kinds/owners.h"
#include "parser/declared.h"
#include "parser/schema_text.h"
#include "plan/step.h"
#include "postgres/introspect.h"
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

// Runnable by psql on an empty database, and acceptable to Lockstep as desired state.
std::string catalog_sql(const postgres::Snapshot& snapshot, const reconciler::Options& options, bool owners) {
  constexpr int kMajor = 10000;
  std::string text = fmt::format("-- database {}, PostgreSQL {}; by `lockstep inspect --format sql`\n\n",
                                 support::quote_identifier(snapshot.target.database), snapshot.target.server_version / kMajor);
  text += "SET check_function_bodies = false;\n";
  std::optional<std::vector<std::string>> path;
  for (const plan::Step& step : reconciler::creation(snapshot, options, owners)) {
    if (!path || *path != step.search_path)
      text += "\nSET search_path TO " + (step.search_path.empty() ? "''" : support::identifier_list(step.search_path)) + ";\n";
    path = step.search_path;
    text += '\n';
    for (const std::string& statement : step.sql) text += statement + ";\n";
  }
  return text;
}

void flags(CLI::App& app, Options& options) {
  target_flags(app, options);
  shadow_flag(app, options);
  app.add_option("--format", options.format, "schema, sql or json")
      ->check(CLI::IsMember({"schema", "sql", "json"}))
      ->type_name("FORMAT");
  app.add_flag("--owners", options.owners, "say who owns each object, also where all of them are the connected role's");
  app.add_option("-o,--output", options.output, "write to this file instead of stdout")->type_name("FILE");
}

support::ExitCode run(const Options& options, const Console& console) {
  Work todo = work(options, console, Need::yes, Need::no);
  if (options.format == "sql") {  // only the order of statements needs a scratch database
    support::Diagnostics diagnostics;
    todo.options.shadow = shadow_of(options, todo.configuration.get(), todo.url, console, diagnostics);
    settle(diagnostics, console);
  }
  const auto session = postgres::connect(todo.url, todo.settings.application);
  const postgres::Snapshot snapshot = postgres::introspect(*session, {.facts = false});
  std::vector<std::string> unmanaged;
  for (const postgres::Unmanaged& one : snapshot.unmanaged) unmanaged.push_back(one.description);
  const bool owners = options.owners || !kinds::belong_to(snapshot.catalog, snapshot.current_user);
  const std::string text = options.format == "json"  ? catalog_json(snapshot)
                           : options.format == "sql" ? catalog_sql(snapshot, todo.options, owners)
                           : owners                  ? parser::to_schema_text(snapshot.catalog)
                                                     : parser::to_schema_text_without_owners(snapshot.catalog);
  if (options.output.empty()) {
    console.out(text);
  } else {
    write_file(options.output, text);
  }
  show_unmanaged(unmanaged, console);
  return support::ExitCode::done;
}

}  // namespace

constinit const Command kInspect{"inspect", "write a live database as a schema file, SQL or JSON", flags, run};

}  // namespace lockstep::cli
