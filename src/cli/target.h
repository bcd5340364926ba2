// From flags and lockstep.yaml to what a command works on: which database, which files, which settings.
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
  std::string problem;  // of works(): why the environment has no URL
  std::optional<elaborator::Sources> sources;
  executor::Settings settings;
  elaborator::Options options;
  fleet::Known known;  // the environment, where one was named
  const fleet::Environment* environment = nullptr;
  std::shared_ptr<const fleet::Configuration> configuration;  // null: there is no file

  fleet::Job job() const;  // without consent
  std::string name() const { return known.environment; }
};

enum class Need { no, maybe, yes };

// Throws CommandError{usage} after every error of the configuration was shown: nothing has been touched by then.
// `sources` are absent only with Need::maybe and no --schema, no `schema:`; `url` is empty only with Need::maybe or no.
Work work(const Options& options, const Console& console, Need database, Need schema);
// The environment's settings without its URL: for what reads files only.
void take_settings(Work& work, const std::string& environment);
// The database of --url, or of the environment where its URL is set; null: none was named. For what can do without.
std::unique_ptr<postgres::Session> database_if_named(Work& work, const Options& options, const Console& console);
// One per --env, or the one of --url, or all environments of the file. An environment whose URL isn't set in the process
// environment is in the list with its `problem`.
std::vector<Work> works(const Options& options, const Console& console, Need schema);
// Where scratch databases are made; `url`: of the target, for same-server. The shadow's own URL is expanded only here.
postgres::Shadow shadow_of(const Options& options, const fleet::Configuration* file, const std::string& url,
                           const Console& console, support::Diagnostics& diagnostics);
// The configuration file, null where there is none and none was asked for.
std::shared_ptr<const fleet::Configuration> configuration(const Options& options, const Console& console);
// "alice@laptop", for journals.
std::string user_at_host();

}  // namespace lockstep::cli
