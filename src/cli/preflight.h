// Whether a database is fit to be changed, as `check` and `deploy` ask it.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "cli/target.h"
#include "fleet/checkup.h"
#include "postgres/introspect.h"
#include "support/error.h"

namespace lockstep::cli {

// The result for the database: findings, and its catalog if it could be read.
struct Preflight {
  std::unique_ptr<postgres::Session> session;  // exists as long as `live`, which may query it again
  std::vector<fleet::Finding> findings;
  std::optional<postgres::Snapshot> live;
  support::ExitCode unfit = support::ExitCode::failed;  // if a finding is bad
};

// Reads only. What fails is a finding, not an exception.
Preflight preflight(const Work& todo);
bool fit(const std::vector<fleet::Finding>& findings);  // none of them is bad

}  // namespace lockstep::cli
