// Moves what files elaborate to from one machine to another: from a CI job of the base branch to that of a change.
#include <fmt/format.h>

#include <system_error>

#include "cli/cache_document.h"
#include "cli/commands.h"
#include "elaborator/cache.h"
#include "elaborator/cache_file.h"
#include "postgres/embedded_server.h"
#include "support/error.h"
#include "support/plain_file.h"

namespace lockstep::cli {
namespace command_cache {
namespace {

using elaborator::Cache;
using support::ExitCode;

struct Options {
  std::string file, format;
};

void export_flags(Flags app, Options& options) {
  app.option("FILE", options.file, "where to; - for stdout").required().type("FILE");
  format_flag<ExportDocument>(app, options.format, kExportFormats);
}

void import_flags(Flags app, Options& options) {
  app.option("FILE", options.file, "what a job wrote that you trust: its entries are believed").required().type("FILE");
  format_flag<ImportDocument>(app, options.format, kImportFormats);
}

// Other commands go on without a cache; here there would be nothing to do.
Cache opened() {
  postgres::own_cache_folder(std::string(elaborator::kElaborated));  // says why, if it can't be made
  Cache cache(elaborator::kElaborated, elaborator::kMostElaborated);
  if (!cache.on()) throw support::CommandError(ExitCode::failed, "this program can't be read, so its results aren't kept");
  return cache;
}

std::string content_of(const std::string& path) {
  const support::PlainFile file(path);
  if (!file.failure().empty()) throw support::UsageError(fmt::format("{}: {}. Nothing was imported", path, file.failure()));
  std::string text, piece(std::size_t{1} << 20U, '\0');
  try {
    for (auto read = file.read(piece); !read.empty(); read = file.read(piece)) {
      text += read;
      if (text.size() > elaborator::kMostFileBytes)
        throw support::CommandError(ExitCode::mismatch, fmt::format("{}: it has more than {} bytes, which no export writes. "
                                                                    "Nothing was imported",
                                                                    path, elaborator::kMostFileBytes));
    }
  } catch (const std::system_error& error) {
    throw support::CommandError(ExitCode::failed,
                                fmt::format("{} can't be read: {}. Nothing was imported", path, error.code().message()));
  }
  return text;
}

ExitCode save(const Options& options, const ConfigOptions&, const Console& console) {
  const bool to_stdout = options.file == "-";
  if (to_stdout && !options.format.empty() && options.format != kExportText.format)
    throw support::UsageError("stdout is for the entries: give --format a FILE");
  ExportDocument document{.file = to_stdout ? "stdout" : options.file, .done = elaborator::export_entries(opened())};
  if (to_stdout) {
    console.exact(document.done.text);
    console.err(kExportText.text(document, {}));
  } else {
    support::replace_file(options.file, document.done.text, 0600);
    print(renderer_of<ExportDocument>(kExportFormats, options.format), document, console);
  }
  return ExitCode::done;
}

ExitCode load(const Options& options, const ConfigOptions&, const Console& console) {
  const auto& renderer = renderer_of<ImportDocument>(kImportFormats, options.format);
  const ImportDocument document{options.file, elaborator::import_entries(opened(), content_of(options.file), options.file)};
  print(renderer, document, console);
  if (document.done.entries > 0)
    console.err(
        "these entries are believed: whoever wrote the file decides what schema files elaborate to here, without --no-cache\n");
  return ExitCode::done;
}

constexpr Command kActions[] = {
    command<export_flags, save>("export", "write what files elaborated to into one file, for another machine"),
    command<import_flags, load>("import", "take the entries of such a file; it must come from a job that you trust"),
};

std::unique_ptr<Invocation> declare(Flags app) {
  return declare_actions(app, kActions);
}

}  // namespace
}  // namespace command_cache

constinit const Command kCache{"cache", "what files elaborate to, for another machine: export, import", command_cache::declare};

}  // namespace lockstep::cli
