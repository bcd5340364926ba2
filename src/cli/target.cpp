#include "cli/target.h"

#include <fmt/format.h>
#include <pwd.h>
#include <unistd.h>

#include <filesystem>

#include "cli/report.h"
#include "executor/sound_journal.h"
#include "fleet/schema_files.h"
#include "support/error.h"
#include "support/inside.h"

namespace lockstep::cli {
namespace {

using fleet::Configuration;
using support::UsageError;

std::string known_environments(const fleet::Configuration* configuration) {
  std::string names;
  if (configuration != nullptr)
    for (const fleet::Environment& one : configuration->environments) names += (names.empty() ? "" : ", ") + one.name;
  return names.empty() ? "no environments" : names;
}

void take_environment(Work& result, const std::string& name, const Console& console, support::Diagnostics& diagnostics) {
  take_settings(result, name);
  result.url = fleet::expand(result.environment->url, console.environment, diagnostics);
}

void fill_sources(Work& result, const Options& options) {
  const Configuration* file = result.configuration.get();
  if (!options.schema.empty()) {
    result.sources = elaborator::Sources{fleet::schema_files(options.schema), {}};
  } else if (file != nullptr && !file->schema.empty()) {
    std::vector<std::string> items;
    for (const fleet::Located& item : file->schema) items.push_back(item.text);
    result.sources = elaborator::Sources{fleet::project_schema_files(items, file->folder()), {}};
  } else {
    return;
  }
  if (file != nullptr) result.sources->project = file->folder();
  if (result.environment != nullptr) result.sources->variables = result.environment->variables;
  if (file != nullptr)
    result.sources->variables.insert(file->variables.begin(), file->variables.end());  // the environment's own values are kept
}

Work begun(const Options& options, std::shared_ptr<const Configuration> file) {
  Work result;
  result.configuration = std::move(file);
  if (result.configuration) result.options.binaries = result.configuration->binaries;
  result.options.prove = !options.no_prove;
  result.options.cache = !options.no_cache;
  result.options.tool_version = LOCKSTEP_VERSION;
  return result;
}

void finish(Work& result, const Options& options, Need schema) {
  result.settings.by = user_at_host();
  result.settings.backup = !options.no_backup;
  if (!options.store.empty()) result.settings.backup_folder = options.store;
  if (schema != Need::no) fill_sources(result, options);
  if (schema == Need::yes && !result.sources)
    throw UsageError(fmt::format("which schema files? Give --schema PATH, or `schema:` in {}", options.config));
}

}  // namespace

postgres::Shadow shadow_of(const Options& options, const Configuration* file, const std::string& url, const Console& console,
                           support::Diagnostics& diagnostics) {
  std::string text = options.shadow;
  if (text.empty() && file != nullptr && !file->shadow.text.empty())
    text = fleet::expand(file->shadow, console.environment, diagnostics);
  if (diagnostics.has_errors()) return {};
  postgres::Shadow shadow = postgres::Shadow::parse(text.empty() ? "embedded" : text);
  if (file != nullptr && file->shadow_timeout) shadow.statement_timeout = *file->shadow_timeout;
  if (!options.shadow_timeout.empty()) {
    const auto time = fleet::time_of(options.shadow_timeout);
    if (!time)
      throw UsageError(fmt::format("--shadow-timeout {}: a time such as 200ms, 2s or 1min is wanted", options.shadow_timeout));
    shadow.statement_timeout = *time;
  }
  if (shadow.where != postgres::Shadow::Where::same_server) return shadow;
  if (url.empty()) throw UsageError("shadow: same-server is the server of a database, and none was named: give --url or --env");
  shadow.url = url;
  return shadow;
}

std::shared_ptr<const Configuration> configuration(const Options& options, const Console& console) {
  std::error_code ignored;
  if (!options.config_given && !std::filesystem::exists(options.config, ignored)) return nullptr;
  // Its errors show its lines, so it must be inside. A file that the user names may be anywhere.
  if (!options.config_given && !support::is_inside(options.config, ""))
    throw UsageError(fmt::format("{} is a link to a file in another folder, which is not read. Name it by itself: --config FILE",
                                 options.config));
  support::Diagnostics diagnostics;
  auto result = std::make_shared<Configuration>(fleet::read_configuration(support::read_source(options.config), diagnostics));
  settle(diagnostics, console);
  return result;
}

void take_settings(Work& work, const std::string& environment) {
  const Configuration* file = work.configuration.get();
  if (file == nullptr) throw UsageError(fmt::format("--env {} needs a lockstep.yaml; there is none here", environment));
  work.environment = file->find(environment);
  if (work.environment == nullptr)
    throw UsageError(fmt::format("{}: no environment \"{}\" (known: {})", file->path, environment, known_environments(file)));
  const std::string by = work.settings.by;
  work.settings = work.environment->settings;
  work.settings.by = by;
  work.known = {environment, file->lock_path()};
}

std::unique_ptr<postgres::Session> database_if_named(Work& work, const Options& options, const Console& console) {
  std::string url = options.url;
  if (url.empty() && work.environment != nullptr) {
    support::Diagnostics unset;
    url = fleet::expand(work.environment->url, console.environment, unset);
    if (unset.has_errors()) url.clear();
  }
  return url.empty() ? nullptr : executor::connect(url, work.settings.application);
}

std::string user_at_host() {
  char host[256] = "";
  if (gethostname(host, sizeof host - 1) != 0) host[0] = '\0';
  const passwd* user = getpwuid(geteuid());
  return fmt::format("{}@{}", user != nullptr ? user->pw_name : std::to_string(geteuid()), host);
}

Work work(const Options& options, const Console& console, Need database, Need schema) {
  Work result = begun(options, configuration(options, console));
  if (database != Need::no && !options.url.empty()) {
    result.url = options.url;
  } else if (database != Need::no && !options.env.empty()) {
    support::Diagnostics diagnostics;
    take_environment(result, options.env, console, diagnostics);
    settle(diagnostics, console);
  }
  finish(result, options, schema);
  if (schema != Need::no || !options.shadow.empty() || !options.shadow_timeout.empty()) {
    support::Diagnostics diagnostics;
    result.options.shadow = shadow_of(options, result.configuration.get(), result.url, console, diagnostics);
    settle(diagnostics, console);
  }
  if (database == Need::yes && result.url.empty())
    throw UsageError(fmt::format("which database? Give --url URL or --env NAME ({} in {})",
                                 known_environments(result.configuration.get()), options.config));
  return result;
}

std::vector<Work> works(const Options& options, const Console& console, Need schema) {
  const auto file = configuration(options, console);
  std::vector<Work> list;
  if (!options.url.empty()) {
    list.push_back(begun(options, file));
    list.back().url = options.url;
    support::Diagnostics diagnostics;
    list.back().options.shadow = shadow_of(options, file.get(), options.url, console, diagnostics);
    settle(diagnostics, console);
    finish(list.back(), options, schema);
    return list;
  }
  std::vector<std::string> names = options.environments;
  if (names.empty() && file)
    for (const fleet::Environment& one : file->environments) names.push_back(one.name);
  if (names.empty())
    throw UsageError(fmt::format("which database? Give --url URL or --env NAME (no environments in {})", options.config));
  for (const std::string& name : names) {
    Work one = begun(options, file);
    support::Diagnostics diagnostics;
    take_environment(one, name, console, diagnostics);
    if (!diagnostics.has_errors()) one.options.shadow = shadow_of(options, file.get(), one.url, console, diagnostics);
    if (names.size() == 1) settle(diagnostics, console);
    if (diagnostics.has_errors()) one.problem = diagnostics.sorted().front().message;
    finish(one, options, schema);
    list.push_back(std::move(one));
  }
  return list;
}

fleet::Job Work::job() const {
  fleet::Job job;
  job.url = url;
  job.sources = sources;
  job.settings = settings;
  job.options = options;
  job.known = known;
  if (environment != nullptr) {
    job.hooks = environment->hooks;
    job.protection = environment->protection;
    job.hook_folder = configuration->folder();
  }
  return job;
}

}  // namespace lockstep::cli
