// Determines from flags and lockstep.yaml what a command works on: which database, which files, which settings.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cli/console.h"
#include "cli/options.h"
#include "elaborator/options.h"
#include "elaborator/sources.h"
#include "executor/executor.h"
#include "fleet/configuration.h"
#include "fleet/rollout.h"

namespace lockstep::cli {

struct Work {
  std::string url;      // a secret; empty: no database was named
  std::string problem;  // set by works(): why the environment has no URL
  std::optional<elaborator::Sources> sources;
  executor::Settings settings;
  elaborator::Options options;
  fleet::Known known;  // the environment, if one was named
  const fleet::Environment* environment = nullptr;
  std::shared_ptr<const fleet::Configuration> configuration;  // null: there is no file

  fleet::Job job() const;  // without consent
  std::string name() const { return known.environment; }
};

// The options of a command that say what it works on. Null: the command doesn't take them, so it works without.
struct Request {
  const ConfigOptions& config;
  const TargetOptions* target = nullptr;
  const SchemaOptions* schema = nullptr;
  const ShadowOptions* shadow = nullptr;  // of a command that needs scratch databases, but no schema files
  const BackupOptions* backup = nullptr;
  bool target_required = true;  // meaningful only with `target`
  bool schema_required = true;  // meaningful only with `schema`
  bool prove = true;
};

// Throws CommandError{usage} after it has shown every error of the configuration; nothing was changed by then. `sources` are
// absent if neither --schema nor `schema:` names files and they aren't required; `url` is empty if no database was named and none
// is required.
Work work(const Request& request, const Console& console);
// The environment's settings without its URL, for commands that only read files.
void take_settings(Work& work, const std::string& environment);
// The database of `url` (--url), or if it is empty that of the environment if its URL is set; null: none was named. For commands
// that can do without.
std::unique_ptr<postgres::Session> database_if_named(const Work& work, std::string url, const Console& console);
// One for each --env, or the one of --url, or all environments of the file. An environment whose URL is not set in the process
// environment is included, with its `problem`. Schema files are optional.
std::vector<Work> works(const ConfigOptions& config, const TargetsOptions& targets, const SchemaOptions& schema,
                        const Console& console);
// Where scratch databases are created. `url`: of the target, for same-server. The shadow's own URL is expanded only here.
postgres::Shadow shadow_of(const ShadowOptions& options, const fleet::Configuration* file, const std::string& url,
                           const Console& console, support::Diagnostics& diagnostics);
// The configuration file; null if there is none and none was requested.
std::shared_ptr<const fleet::Configuration> configuration(const ConfigOptions& config, const Console& console);
// "alice@laptop", for journals.
std::string user_at_host();

}  // namespace lockstep::cli
