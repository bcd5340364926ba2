// Writes what somebody has changed in a database by hand into the schema files.
#include <fmt/format.h>

#include "cli/commands.h"
#include "cli/report.h"
#include "cli/target.h"
#include "cli/text.h"
#include "cli/text_diff.h"
#include "executor/sound_journal.h"
#include "fleet/adoption.h"
#include "fleet/schema_files.h"
#include "support/sql_text.h"
#include "support/visible.h"

namespace lockstep::cli {
namespace command_adopt {
namespace {

struct Options {
  TargetOptions target;
  SchemaOptions schema;
  reconciler::Selection selection;
  bool dry_run = false;
};

void flags(Flags app, Options& options) {
  app.option("OBJECT", options.selection.only,
             "what to adopt, as `verify` prints it (\"table shop.orders\", or shop.orders), or a glob, with its parts (default: "
             "everything that has drifted)")
      .type("OBJECT");
  app.option("--exclude", options.selection.exclude, "leave out these objects; refused if others that are adopted need them")
      .type("OBJECT")
      .several();
  target_flags(app, options.target);
  schema_flags(app, options.schema);
  app.flag("--dry-run", options.dry_run, "show how the files would change, and write nothing");
}

std::string line_of(const fleet::ItemEdit& edit) {
  constexpr const char* kSigns[] = {"+", "-", "~"};
  std::string text = fmt::format("{} {}  {}:{}", kSigns[static_cast<int>(edit.what)],
                                 edit.id.kind == nullptr ? "a declaration" : catalog::to_string(edit.id), edit.path, edit.line);
  if (!edit.renamed_from.empty()) text += fmt::format("  (renamed from {})", edit.renamed_from);
  if (!edit.dropped.empty()) text += "  (no longer said: " + support::join(edit.dropped, ", ") + ")";
  return support::visible(text) + "\n";
}

void show_difference(const fleet::Adoption& adoption, const Console& console) {
  for (const auto& [path, text] : adoption.revised.texts) {
    const auto before = adoption.before.find(path);
    console.out(support::visible(fmt::format("--- {}", path)) + "\n");
    for (const std::string& line : unified_diff(before == adoption.before.end() ? "" : before->second, text))
      console.out(support::visible(line) + "\n");
  }
}

support::ExitCode run(const Options& options, const ConfigOptions& config, const Console& console) {
  const Work todo = work({.config = config, .target = &options.target, .schema = &options.schema}, console);
  std::vector<std::string> items = options.schema.paths;
  std::optional<std::string> project;
  if (items.empty()) {
    for (const fleet::Located& item : todo.configuration->schema) items.push_back(item.text);
    project = todo.configuration->folder();
  }
  const auto session = executor::connect(todo.url, todo.settings.application);
  support::Diagnostics diagnostics;
  const fleet::Adoption adoption =
      fleet::adopt(*session,
                   {todo.known, *todo.sources, todo.options, options.selection,
                    [&](const std::string& path) { return fleet::would_be_read(path, items, project); }},
                   diagnostics);
  settle(diagnostics, console);
  for (const std::string& line : adoption.possible_renames) console.err("! " + line + "\n");
  if (adoption.changes.empty()) {
    console.err("nothing to adopt: the files say what was changed by hand, or nothing was\n");
    return support::ExitCode::done;
  }
  if (!options.dry_run) fleet::write(adoption);  // what is said below has happened then
  for (const fleet::ItemEdit& edit : adoption.revised.edits) console.out(line_of(edit));
  if (options.dry_run) {
    show_difference(adoption, console);
    console.err(fmt::format("{} would change; nothing was written\n", plural(adoption.revised.texts.size(), "file")));
    return support::ExitCode::done;
  }
  console.err(
      fmt::format("{} written; tried on a scratch database, they say what the database has. Review and commit them; the next "
                  "`lockstep apply` records it as applied.\n",
                  plural(adoption.revised.texts.size(), "file")));
  return support::ExitCode::done;
}

}  // namespace
}  // namespace command_adopt

constinit const Command kAdopt = command<command_adopt::flags, command_adopt::run>(
    "adopt", "write what was changed in a database by hand into the schema files");

}  // namespace lockstep::cli
