#include "fleet/freshness.h"

#include <fmt/format.h>

#include <map>

#include "kinds/names/renamed.h"
#include "reconciler/comparison.h"
#include "support/error.h"
#include "support/lines.h"

namespace lockstep::fleet {

using support::CommandError;
using support::ExitCode;
using support::listed;

void require_target(const plan::Plan& plan, const plan::Target& target) {
  if (plan.target.system_identifier != target.system_identifier || plan.target.database_oid != target.database_oid ||
      plan.target.database != target.database)
    throw CommandError(ExitCode::stale,
                       fmt::format("wrong target: the plan was made for database \"{}\" (oid {}, cluster {}), this is \"{}\" "
                                   "(oid {}, cluster {}); nothing was changed",
                                   plan.target.database, plan.target.database_oid, plan.target.system_identifier, target.database,
                                   target.database_oid, target.system_identifier));
  if (plan.target.server_version / 10000 != target.server_version / 10000)
    throw CommandError(ExitCode::stale,
                       fmt::format("stale plan: made for PostgreSQL {}, the server is now {}; plan again. Nothing was changed",
                                   plan.target.server_version / 10000, target.server_version / 10000));
}

void require_fresh(const plan::Plan& plan, const postgres::Snapshot& live) {
  const std::vector<std::string> moved = reconciler::stale(plan, live);
  if (!moved.empty())
    throw CommandError(ExitCode::stale,
                       fmt::format("stale plan: the database changed since the plan was made; nothing was changed by this run. "
                                   "Plan again. Changed:{}",
                                   listed(moved)));
}

std::vector<std::string> differences(const plan::Plan& plan, const catalog::Catalog& live) {
  std::map<catalog::ObjectId, bool> expected;
  for (const plan::Step& step : plan.steps) {
    if (step.renames && !step.destroys.empty() && !step.produces.empty()) {
      std::map<catalog::ObjectId, bool> after;
      for (const auto& [id, there] : expected) after[kinds::renamed(id, step.destroys, step.produces)] = there;
      expected = std::move(after);
    }
    for (const auto& id : step.destroys) {
      for (auto& [other, there] : expected) there = there && !kinds::is_within(other, id);
      expected[id] = false;
    }
    for (const auto& id : step.produces) expected[id] = true;
  }
  std::vector<std::string> lines;
  for (const auto& [id, there] : expected)
    if (live.contains(id) != there) lines.push_back(catalog::to_string(id) + (there ? " is missing" : " is still there"));
  return lines;
}

}  // namespace lockstep::fleet
