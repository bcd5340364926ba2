// Compares two environments, URLs or sets of schema files.
#include <fmt/format.h>

#include <filesystem>
#include <memory>

#include "cli/commands.h"
#include "cli/compare_document.h"
#include "cli/report.h"
#include "cli/target.h"
#include "executor/sound_journal.h"
#include "fleet/schema_files.h"
#include "reconciler/state.h"

namespace lockstep::cli {
namespace command_compare {
namespace {

struct Options {
  std::string left, right;
  std::string format;
  ShadowOptions shadow;
};

void flags(Flags app, Options& options) {
  const std::string what = "an environment, a URL, or a schema file or folder";
  app.option("A", options.left, what).required().type("A");
  app.option("B", options.right, what).required().type("B");
  format_flag<CompareDocument>(app, options.format, kCompareFormats);
  shadow_flags(app, options.shadow);
}

// One side as named: a database to read, or files to elaborate.
struct Named {
  std::string label;  // never a URL: "database shop", "prod (database shop)", "schemas/"
  std::string url;
  std::optional<parser::Declared> declared;
  std::unique_ptr<postgres::Session> session;  // exists as long as `live`, which may query it again
  std::optional<postgres::Snapshot> live;
  elaborator::Desired desired;
};

Named named(const std::string& text, const ConfigOptions& config, const Console& console, const fleet::Configuration* file) {
  Named side;
  std::error_code ignored;
  const fleet::Environment* environment = file != nullptr ? file->find(text) : nullptr;
  const bool exists = std::filesystem::exists(text, ignored);
  if (environment != nullptr && exists)
    throw support::UsageError(fmt::format("\"{}\" is an environment and a file: say ./{} for the file", text, text));
  support::Diagnostics diagnostics;
  if (environment != nullptr) {
    side.label = text;
    side.url = fleet::expand(environment->url, console.environment, diagnostics);
  } else if (!exists && (text.find("://") != std::string::npos || text.find('=') != std::string::npos)) {
    side.url = text;
  } else if (exists || text.find_first_of("*?[") != std::string::npos) {
    side.label = text;
    side.declared = elaborator::declare(
        {fleet::schema_files({text}), file != nullptr ? file->variables : std::map<std::string, std::string>{},
         file != nullptr ? std::optional(file->folder()) : std::nullopt},
        diagnostics);
  } else {
    throw support::UsageError(fmt::format("\"{}\" is no environment of {}, no URL and no file", text, config.path));
  }
  settle(diagnostics, console);
  if (!side.url.empty()) {
    side.session = executor::connect(side.url, "lockstep");
    side.live = postgres::introspect(*side.session, {.facts = false});
    const std::string database = "database " + side.live->target.database;
    side.label = side.label.empty() ? database : fmt::format("{} ({})", side.label, database);
  }
  return side;
}

// Files are elaborated by a server like the other side's, if that is a database.
reconciler::Side side_of(Named& one, const Named& other, const elaborator::Options& options, const Console& console) {
  if (one.live) return {one.live->catalog, std::nullopt, &*one.live};
  support::Diagnostics diagnostics;
  one.desired = elaborator::elaborate(*one.declared, other.live ? &*other.live : nullptr, options, diagnostics);
  settle(diagnostics, console);
  return {one.desired.catalog, one.desired.scope, nullptr};
}

support::ExitCode run(const Options& options, const ConfigOptions& config, const Console& console) {
  const auto file = configuration(config, console);
  elaborator::Options how;
  if (file) how.binaries = file->binaries;
  Named a = named(options.left, config, console, file.get());
  Named b = named(options.right, config, console, file.get());
  support::Diagnostics diagnostics;
  how.shadow = shadow_of(options.shadow, file.get(), a.url.empty() ? b.url : a.url, console, diagnostics);
  settle(diagnostics, console);
  const reconciler::Side left = side_of(a, b, how, console);
  const reconciler::Side right = side_of(b, a, how, console);
  const CompareDocument document{a.label, b.label, reconciler::side_by_side(left, right, how)};
  print(renderer_of<CompareDocument>(kCompareFormats, options.format), document, console);
  for (const Named* side : {&a, &b})
    if (side->live)
      for (const postgres::Unmanaged& one : side->live->unmanaged)
        show_unmanaged({side->label + ": " + one.description}, console);
  return document.changes.empty() ? support::ExitCode::done : support::ExitCode::changes;
}

}  // namespace
}  // namespace command_compare

constinit const Command kCompare = command<command_compare::flags, command_compare::run>(
    "compare", "two environments, URLs or schema files side by side (exit 2: they differ)");

}  // namespace lockstep::cli
