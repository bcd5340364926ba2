// Formats schema files in the one canonical layout.
#include <algorithm>

#include "cli/commands.h"
#include "cli/report.h"
#include "fleet/schema_files.h"
#include "parser/format.h"
#include "parser/reader.h"

namespace lockstep::cli {
namespace command_fmt {
namespace {

struct Options {
  bool check = false;
  std::vector<std::string> paths;
};

void flags(Flags app, Options& options) {
  app.flag("--check", options.check, "change nothing; exit 2 and name the files that are not in canonical layout");
  app.option("PATH", options.paths, "schema files, folders or patterns").required();
}

support::ExitCode run(const Options& options, const ConfigOptions&, const Console& console) {
  support::Diagnostics diagnostics;
  std::vector<std::pair<std::string, std::string>> changed;
  for (const std::string& path : fleet::schema_files(options.paths)) {
    if (path.ends_with(".sql")) {
      // A file that is named itself must be a schema file; one from a folder or a pattern may be skipped.
      const bool named = std::find(options.paths.begin(), options.paths.end(), path) != options.paths.end();
      if (named) throw support::UsageError(path + ": plain SQL has no layout of Lockstep's; fmt is for .schema files");
      continue;
    }
    const support::SourcePtr source = support::read_source(path);
    const parser::ast::File file = parser::read(source, diagnostics);
    if (diagnostics.has_errors()) continue;
    std::string text = parser::format(file);
    if (text != source->text()) changed.emplace_back(path, std::move(text));
  }
  settle(diagnostics, console);  // if a file has errors, none is rewritten
  for (const auto& [path, text] : changed) {
    if (!options.check) write_file(path, text);
    console.out(path + "\n");
  }
  return options.check && !changed.empty() ? support::ExitCode::changes : support::ExitCode::done;
}

}  // namespace
}  // namespace command_fmt

constinit const Command kFmt =
    command<command_fmt::flags, command_fmt::run>("fmt", "bring schema files into the canonical layout");

}  // namespace lockstep::cli
