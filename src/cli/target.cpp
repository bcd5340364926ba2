#include "cli/target.h"

#include <fmt/format.h>
#include <pwd.h>
#include <unistd.h>

#include <filesystem>

#include "cli/report.h"
#include "fleet/schema_files.h"
#include "support/error.h"

namespace lockstep::cli {
namespace {

using fleet::Configuration;
using support::UsageError;

std::optional<Configuration> configuration(const Options& options, const Console& console) {
  std::error_code ignored;
  if (!options.config_given && !std::filesystem::exists(options.config, ignored)) return std::nullopt;
  support::Diagnostics diagnostics;
  Configuration result = fleet::read_configuration(support::read_source(options.config), diagnostics);
  settle(diagnostics, console);
  return result;
}

// Who runs this, for the journal: "alice@laptop".
std::string user_at_host() {
  char host[256] = "";
  if (gethostname(host, sizeof host - 1) != 0) host[0] = '\0';
  const passwd* user = getpwuid(geteuid());
  return fmt::format("{}@{}", user != nullptr ? user->pw_name : std::to_string(geteuid()), host);
}

std::string known_environments(const std::optional<Configuration>& configuration) {
  std::string names;
  if (configuration)
    for (const fleet::Environment& one : configuration->environments) names += (names.empty() ? "" : ", ") + one.name;
  return names.empty() ? "no environments" : names;
}

void fill_database(Work& result, const Options& options, const Console& console, const std::optional<Configuration>& file) {
  if (!options.url.empty()) {
    result.url = options.url;
    return;
  }
  if (options.env.empty()) return;
  if (!file) throw UsageError(fmt::format("--env {} needs a {}; there is none here", options.env, options.config));
  const fleet::Environment* environment = file->find(options.env);
  if (environment == nullptr)
    throw UsageError(fmt::format("{}: no environment \"{}\" (known: {})", file->path, options.env, known_environments(file)));
  support::Diagnostics diagnostics;
  result.url = fleet::expand(environment->url, console.environment, diagnostics);
  settle(diagnostics, console);
  result.settings = environment->settings;
}

void fill_sources(Work& result, const Options& options, const std::optional<Configuration>& file) {
  std::vector<std::string> items = options.schema;
  if (items.empty() && file) {
    const std::filesystem::path folder = std::filesystem::path(file->path).parent_path();
    for (const fleet::Located& item : file->schema) items.push_back((folder / item.text).string());
  }
  if (items.empty()) return;
  result.sources = reconciler::Sources{fleet::schema_files(items), {}};
  if (!file) return;
  const fleet::Environment* environment = options.env.empty() ? nullptr : file->find(options.env);
  if (environment != nullptr) result.sources->variables = environment->variables;
  result.sources->variables.insert(file->variables.begin(), file->variables.end());  // the environment's own stay
}

void fill_shadow(Work& result, const Options& options, const Console& console, const std::optional<Configuration>& file) {
  std::string text = options.shadow;
  if (text.empty() && file && !file->shadow.text.empty()) {
    support::Diagnostics diagnostics;
    text = fleet::expand(file->shadow, console.environment, diagnostics);
    settle(diagnostics, console);
  }
  if (text.empty()) return;
  postgres::Shadow& shadow = result.options.shadow;
  shadow = postgres::Shadow::parse(text);
  if (shadow.where != postgres::Shadow::Where::same_server) return;
  if (result.url.empty())
    throw UsageError("shadow: same-server is the server of a database, and none was named: give --url or --env");
  shadow.url = result.url;
}

}  // namespace

Work work(const Options& options, const Console& console, Need database, Need schema) {
  const std::optional<Configuration> file = configuration(options, console);
  Work result;
  if (file) result.options.binaries = file->binaries;
  result.options.prove = !options.no_prove;
  if (database != Need::no) fill_database(result, options, console, file);
  result.settings.by = user_at_host();
  result.settings.backup = !options.no_backup;
  if (schema != Need::no) fill_sources(result, options, file);
  if (database == Need::yes && result.url.empty())
    throw UsageError(
        fmt::format("which database? Give --url URL or --env NAME ({} in {})", known_environments(file), options.config));
  if (database != Need::no || schema != Need::no) fill_shadow(result, options, console, file);
  if (schema == Need::yes && !result.sources)
    throw UsageError(fmt::format("which schema files? Give --schema PATH, or `schema:` in {}", options.config));
  return result;
}

}  // namespace lockstep::cli
