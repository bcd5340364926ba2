// From flags and lockstep.yaml to what a command works on: which database, which files, which settings.
#pragma once

#include <optional>
#include <string>

#include "cli/console.h"
#include "cli/options.h"
#include "executor/executor.h"
#include "fleet/configuration.h"
#include "reconciler/reconciler.h"

namespace lockstep::cli {

struct Work {
  std::string url;  // a secret; empty: no database was named
  std::optional<reconciler::Sources> sources;
  executor::Settings settings;
  reconciler::Options options;
};

enum class Need { no, maybe, yes };

// Throws CommandError{usage} after every error of the configuration was shown: nothing has been touched by then.
// `sources` are absent only with Need::maybe and no --schema, no `schema:`; `url` is empty only with Need::maybe or no.
Work work(const Options& options, const Console& console, Need database, Need schema);

}  // namespace lockstep::cli
