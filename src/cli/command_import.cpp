// Writes schema files from a project's existing migrations, by running them on a scratch database, and marks a database that they
// have made as adopted.
#include <fmt/format.h>

#include <filesystem>

#include "cli/commands.h"
#include "cli/import_adopt.h"
#include "cli/import_files.h"
#include "cli/plan_view.h"
#include "cli/report.h"
#include "cli/target.h"
#include "cli/text.h"
#include "executor/sound_journal.h"
#include "importer/replay.h"
#include "parser/declared.h"
#include "plan/hazard.h"
#include "postgres/introspect.h"
#include "reconciler/comparison.h"

namespace lockstep::cli {
namespace command_import {
namespace {

struct Options {
  TargetOptions target;
  ShadowOptions shadow;  // only its time limit: strangers' migrations run on the embedded server alone
  std::string format, path, output, split, as;
  std::vector<std::string> variables, search_path;
};

void flags(Flags app, Options& options) {
  std::vector<std::string> names;
  std::string paths;
  for (const importer::Format& format : importer::formats()) {
    names.emplace_back(format.name);
    paths += fmt::format("{}{}: {}", paths.empty() ? "" : "; ", format.name, format.path);
  }
  app.option("FORMAT", options.format, "whose migrations they are").required().choices(names).type("FORMAT");
  app.option("PATH", options.path, paths).required().type("PATH");
  target_flags(app, options.target);
  app.option("-o,--output", options.output, "the folder for the schema files (default: schemas/ beside lockstep.yaml)")
      .type("FOLDER");
  app.option("--split", options.split, "schema (a file a schema) or object (a file a table, view, function; the default)")
      .choices({"schema", "object"})
      .type("HOW");
  app.option("--variable", options.variables, "the value of a placeholder ${NAME} of Flyway; may be given several times")
      .type("NAME=VALUE");
  app.option("--search-path", options.search_path,
             "the search_path with which the tool runs the migrations, if it is given one (Prisma's ?schema=, Flyway's "
             "defaultSchema)")
      .list(true)
      .type("SCHEMA,…");
  app.option("--as", options.as,
             "the role that runs the migrations on the database, and so owns what they make (default: with --env or --url the "
             "connected role)")
      .type("ROLE");
  app.option("--shadow-timeout", options.shadow.timeout, "limit for one statement on the scratch database (60s)").type("TIME");
}

importer::Variables variables_of(const Options& options) {
  importer::Variables result;
  for (const std::string& item : options.variables) {
    const std::size_t sign = item.find('=');
    if (sign == std::string::npos || sign == 0)
      throw support::UsageError(fmt::format("--variable {}: NAME=VALUE is wanted", item));
    if (!result.emplace(item.substr(0, sign), item.substr(sign + 1)).second)
      throw support::UsageError(fmt::format("--variable {} is given twice", item.substr(0, sign)));
  }
  return result;
}

const importer::Format& format_of(const std::string& name) {
  for (const importer::Format& format : importer::formats())
    if (format.name == name) return format;
  throw support::UsageError(fmt::format("{}: no such format", name));
}

std::string folder_of(const Options& options, const ConfigOptions& config) {
  if (!options.output.empty()) return options.output;
  return (std::filesystem::path(config.path).parent_path() / "schemas").string();
}

// The tool's tables that the files leave alone. Those of `sql` are of several tools, so only what is there.
std::set<std::string_view> bookkeeping(const importer::Format& format, const importer::Replayed& made,
                                       const postgres::Snapshot* live) {
  std::set<std::string_view> found = made.bookkeeping;
  if (live != nullptr) found.merge(importer::bookkeeping_in(format, live->catalog));
  if (format.name != "sql") found.insert(format.bookkeeping.begin(), format.bookkeeping.end());
  return found;
}

// Whether the files, read back, say what the migrations made. They always should.
bool say_the_same(const Work& todo, const importer::Replayed& made, const Console& console) {
  support::Diagnostics diagnostics;
  const parser::Declared declared = elaborator::declare(*todo.sources, diagnostics);
  settle(diagnostics, console);
  const auto session = postgres::connect(made.scratch->url(), "lockstep");
  elaborator::Options how = todo.options;
  how.shadow = {
      .where = postgres::Shadow::Where::embedded, .url = {}, .statement_timeout = todo.options.shadow.statement_timeout};
  how.prove = false;
  support::Diagnostics ignored;  // of the files: the comparison with the database shows them again
  const reconciler::Comparison found = reconciler::compare(*session, declared, how, ignored);
  for (const support::Diagnostic& one : ignored.sorted())
    if (one.severity == support::Severity::error) diagnostics.add(one);
  settle(diagnostics, console);
  if (found.plan.empty()) return true;
  console.err(plan_text(found.plan, plan::hazards_of(found.plan), {.statements = Statements::shortened, .width = console.width}) +
              "\n");
  console.err(
      "The files are written, but they don't say all that the migrations make: the plan above is the difference. Add it to "
      "them by hand, or report it.\n");
  return false;
}

support::ExitCode run(const Options& options, const ConfigOptions& config, const Console& console) {
  const importer::Format& format = format_of(options.format);
  const importer::Variables variables = variables_of(options);
  Work todo = work({.config = config, .target = &options.target, .target_required = false}, console);
  support::Diagnostics unset;
  todo.options.shadow = shadow_of(options.shadow, todo.configuration.get(), todo.url, console, unset);
  settle(unset, console);
  const importer::Migrations migrations = format.read(options.path, variables);
  for (const std::string& note : migrations.notes) console.err(note + "\n");

  std::unique_ptr<postgres::Session> session;  // exists as long as `live`, which may query it again
  std::optional<postgres::Snapshot> live;
  if (!todo.url.empty()) {
    session = executor::connect(todo.url, todo.settings.application);
    live = postgres::introspect(*session, {.facts = false});
  }
  elaborator::Options scratch = todo.options;
  scratch.shadow = {
      .where = postgres::Shadow::Where::embedded, .url = {}, .statement_timeout = todo.options.shadow.statement_timeout};
  importer::ReplayOptions how{options.search_path, options.as, scratch};
  if (how.as.empty() && live) how.as = live->current_user;
  support::Diagnostics diagnostics;
  const importer::Replayed made = importer::replay(format, migrations, live ? &*live : nullptr, how, diagnostics);
  settle(diagnostics, console);

  Texts files =
      parser::to_schema_files(made.catalog, options.split == "schema" ? parser::Split::schema : parser::Split::object,
                              made.owners ? parser::Owners::stated : parser::Owners::left_out, parser::Manages::declared);
  if (files.empty()) throw support::UsageError("the migrations make nothing that a schema file could say; nothing was written");
  add_bookkeeping(files, format, bookkeeping(format, made, live ? &*live : nullptr), made.catalog);
  const std::string folder = folder_of(options, config);
  const std::vector<std::string> written = write_new(folder, files);
  for (const std::string& path : written) console.out(path + "\n");
  show_unmanaged(made.unmanaged, console);
  console.err(fmt::format("{} of {} ran on a scratch database; {} written below {}\n", plural(made.statements, "statement"),
                          plural(migrations.files.size(), "file"), plural(files.size(), "file"), folder));
  todo.sources = elaborator::Sources{written, {}};
  if (!say_the_same(todo, made, console)) return support::ExitCode::mismatch;
  if (!todo.url.empty()) return adopt(todo, console);
  console.err(
      fmt::format("Next: `lockstep plan --schema {} --url …` of a database that has these migrations has nothing to do. Then "
                  "the same import with --env or --url marks it as adopted.\n",
                  folder));
  return support::ExitCode::done;
}

}  // namespace
}  // namespace command_import

constinit const Command kImport = command<command_import::flags, command_import::run>(
    "import", "write schema files from existing migrations (Prisma, Rails, Flyway, Alembic, SQL)");

}  // namespace lockstep::cli
