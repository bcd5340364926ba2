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
#include "support/visible.h"

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

void fill_sources(Work& result, const SchemaOptions& options) {
  const Configuration* file = result.configuration.get();
  if (!options.paths.empty()) {
    result.sources = elaborator::Sources{fleet::schema_files(options.paths), {}};
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

// The folder of lockstep.yaml, or the repository's that it is in.
std::filesystem::path project_of(const Configuration& file) {
  std::error_code failed;
  const auto folder = std::filesystem::weakly_canonical(file.folder().empty() ? "." : file.folder(), failed);
  for (auto at = folder; at.has_relative_path(); at = at.parent_path())
    if (std::filesystem::exists(at / ".git", failed)) return at;
  return folder;
}

// A project's files may be a stranger's, and the programs of `bindirs` run with the rights of whoever plans.
void require_programs_of_others(const Configuration& file) {
  for (const std::string& folder : file.binaries)
    if (!std::filesystem::path(folder).is_absolute() || support::is_inside(folder, project_of(file).string()))
      throw UsageError(
          fmt::format("{}: postgres.bindirs: {} is no folder outside of the project, and the programs there would run "
                      "with your rights. Give the path of an installation, or set LOCKSTEP_PG_BINDIRS",
                      file.path, support::visible(folder)));
}

Work begun(std::shared_ptr<const Configuration> file) {
  Work result;
  result.configuration = std::move(file);
  if (result.configuration) result.options.binaries = result.configuration->binaries;
  result.options.tool_version = LOCKSTEP_VERSION;
  return result;
}

void take_url(Work& result, const std::string& url) {
  result.url = url;
  if (!result.configuration) return;
  result.known.lock_path = result.configuration->lock_path();
  for (const fleet::Environment& one : result.configuration->environments)
    if (const std::string rule = fleet::rule_of(one); !rule.empty()) result.known.ruled[one.name] = rule;
}

// Called after the environment, whose settings its options override.
void take_options(Work& result, const Request& request) {
  result.options.prove = request.prove;
  result.settings.by = user_at_host();
  if (request.backup != nullptr) {
    result.settings.backup = !request.backup->none;
    if (!request.backup->store.empty()) result.settings.backup_folder = request.backup->store;
  }
  if (request.schema == nullptr) return;
  result.options.cache = !request.schema->no_cache;
  fill_sources(result, *request.schema);
  if (request.schema_required && !result.sources)
    throw UsageError(fmt::format("which schema files? Give --schema PATH, or `schema:` in {}", request.config.path));
}

}  // namespace

postgres::Shadow shadow_of(const ShadowOptions& options, const Configuration* file, const std::string& url,
                           const Console& console, support::Diagnostics& diagnostics) {
  std::string text = options.where;
  if (text.empty() && file != nullptr && !file->shadow.text.empty())
    text = fleet::expand(file->shadow, console.environment, diagnostics);
  if (diagnostics.has_errors()) return {};
  postgres::Shadow shadow = postgres::Shadow::parse(text.empty() ? "embedded" : text);
  if (file != nullptr && file->shadow_timeout) shadow.statement_timeout = *file->shadow_timeout;
  if (!options.timeout.empty()) {
    const auto time = fleet::time_of(options.timeout);
    if (!time) throw UsageError(fmt::format("--shadow-timeout {}: a time such as 200ms, 2s or 1min is wanted", options.timeout));
    shadow.statement_timeout = *time;
  }
  if (shadow.where != postgres::Shadow::Where::same_server) return shadow;
  if (url.empty()) throw UsageError("shadow: same-server is the server of a database, and none was named: give --url or --env");
  shadow.url = url;
  return shadow;
}

std::shared_ptr<const Configuration> configuration(const ConfigOptions& config, const Console& console) {
  std::error_code ignored;
  if (!config.given && !std::filesystem::exists(config.path, ignored)) return nullptr;
  // Its errors show its lines, so it must be inside. A file that the user names may be anywhere.
  if (!config.given && !support::is_inside(config.path, ""))
    throw UsageError(fmt::format("{} is a link to a file in another folder, which is not read. Name it by itself: --config FILE",
                                 config.path));
  support::Diagnostics diagnostics;
  auto result = std::make_shared<Configuration>(fleet::read_configuration(support::read_source(config.path), diagnostics));
  settle(diagnostics, console);
  require_programs_of_others(*result);
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
  work.options.coexistence = work.environment->gates;
  work.options.hold = work.environment->hold;
  work.settings.by = by;
  work.known = {environment, file->lock_path()};
}

std::unique_ptr<postgres::Session> database_if_named(const Work& work, std::string url, const Console& console) {
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

Work work(const Request& request, const Console& console) {
  Work result = begun(configuration(request.config, console));
  if (request.target != nullptr && !request.target->url.empty()) {
    take_url(result, request.target->url);
  } else if (request.target != nullptr && !request.target->env.empty()) {
    support::Diagnostics diagnostics;
    take_environment(result, request.target->env, console, diagnostics);
    settle(diagnostics, console);
  }
  take_options(result, request);
  const ShadowOptions* shadow = request.schema != nullptr ? &request.schema->shadow : request.shadow;
  // Without schema files, lockstep.yaml's own `shadow:` is read only when a scratch database is needed.
  const bool given = shadow != nullptr && !(shadow->where.empty() && shadow->timeout.empty());
  if (request.schema != nullptr || given) {
    support::Diagnostics diagnostics;
    result.options.shadow = shadow_of(*shadow, result.configuration.get(), result.url, console, diagnostics);
    settle(diagnostics, console);
  }
  if (request.target != nullptr && request.target_required && result.url.empty())
    throw UsageError(fmt::format("which database? Give --url URL or --env NAME ({} in {})",
                                 known_environments(result.configuration.get()), request.config.path));
  return result;
}

std::vector<Work> works(const ConfigOptions& config, const TargetsOptions& targets, const SchemaOptions& schema,
                        const Console& console) {
  const Request request{.config = config, .schema = &schema, .schema_required = false};
  const auto file = configuration(config, console);
  std::vector<Work> list;
  if (!targets.url.empty()) {
    list.push_back(begun(file));
    take_url(list.back(), targets.url);
    support::Diagnostics diagnostics;
    list.back().options.shadow = shadow_of(schema.shadow, file.get(), targets.url, console, diagnostics);
    settle(diagnostics, console);
    take_options(list.back(), request);
    return list;
  }
  std::vector<std::string> names = targets.environments;
  if (names.empty() && file)
    for (const fleet::Environment& one : file->environments) names.push_back(one.name);
  if (names.empty())
    throw UsageError(fmt::format("which database? Give --url URL or --env NAME (no environments in {})", config.path));
  for (const std::string& name : names) {
    Work one = begun(file);
    support::Diagnostics diagnostics;
    take_environment(one, name, console, diagnostics);
    if (!diagnostics.has_errors()) one.options.shadow = shadow_of(schema.shadow, file.get(), one.url, console, diagnostics);
    if (names.size() == 1) settle(diagnostics, console);
    if (diagnostics.has_errors()) one.problem = diagnostics.sorted().front().message;
    take_options(one, request);
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
    job.gates = environment->gates;
    job.quiet = environment->quiet;
    job.hooks = environment->hooks;
    if (settings.backup) job.backup_also = environment->backup_also;
    job.rehearsed_within = environment->rehearsed_within;
    job.protection = environment->protection;
    job.hook_folder = configuration->folder();
    job.configuration = configuration->path;
  }
  return job;
}

}  // namespace lockstep::cli
