// `plan --from A --to B`: what changes between two states of the files. No database is named and none is asked.
#pragma once

#include <string>

#include "cli/console.h"
#include "cli/flags.h"
#include "cli/options.h"
#include "cli/plan_document.h"

namespace lockstep::cli {

struct BetweenOptions {
  std::string from, to;  // git:REF, git:REF:PATH, or a path
  bool online = false, offline = false;
  bool any() const { return !from.empty() || !to.empty() || online || offline; }
};
void between_flags(Flags app, BetweenOptions& options);

// What else of `plan` it needs. The variables and rules of `env`, if it is given; never its URL.
struct BetweenRequest {
  const BetweenOptions& states;
  const ConfigOptions& config;
  const SchemaOptions& schema;
  const std::string& env;
  bool prove = true;
};
// The document to print. Throws UsageError. `protect:` is for the caller to ask.
struct BetweenResult {
  PlanDocument document;
  std::string refusal;  // why `protect:` of the environment forbids it; empty: it doesn't
};
BetweenResult plan_between(const BetweenRequest& request, const std::optional<std::string>& hold, const Console& console);

}  // namespace lockstep::cli
