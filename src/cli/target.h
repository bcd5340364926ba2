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

enum class Need { no, maybe, yes };

// Throws CommandError{usage} after it has shown every error of the configuration; nothing was changed by then. `sources` are
// absent only with Need::maybe and neither --schema nor `schema:`; `url` is empty only with Need::maybe or no.
Work work(const Options& options, const Console& console, Need database, Need schema);
// The environment's settings without its URL, for commands that only read files.
void take_settings(Work& work, const std::string& environment);
// The database of --url, or of the environment if its URL is set; null: none was named. For commands that can do without.
std::unique_ptr<postgres::Session> database_if_named(Work& work, const Options& options, const Console& console);
// One for each --env, or the one of --url, or all environments of the file. An environment whose URL is not set in the process
// environment is included, with its `problem`.
std::vector<Work> works(const Options& options, const Console& console, Need schema);
// Where scratch databases are created. `url`: of the target, for same-server. The shadow's own URL is expanded only here.
postgres::Shadow shadow_of(const Options& options, const fleet::Configuration* file, const std::string& url,
                           const Console& console, support::Diagnostics& diagnostics);
// The configuration file; null if there is none and none was requested.
std::shared_ptr<const fleet::Configuration> configuration(const Options& options, const Console& console);
// "alice@laptop", for journals.
std::string user_at_host();

}  // namespace lockstep::cli
