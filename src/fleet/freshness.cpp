#include "fleet/freshness.h"

#include <fmt/format.h>

#include <algorithm>
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

namespace {

using Expected = std::map<catalog::ObjectId, bool>;  // whether it is there

// A new object may have taken a name that the step has given up.
Expected after_renames(const plan::Step& step, const Expected& before) {
  Expected after;
  for (const auto& id : step.destroys) after[id] = false;
  for (const auto& [id, there] : before) {
    const bool reprinted = std::any_of(step.destroys.begin(), step.destroys.end(),
                                       [&](const auto& name) { return kinds::is_printed_with(id, name); });
    const catalog::ObjectId now = kinds::renamed(id, step.destroys, step.produces);
    if (!reprinted && (there || !after.contains(now))) after[now] = there;
  }
  for (const auto& id : step.produces) after[id] = true;
  return after;
}

}  // namespace

std::vector<std::string> differences(const plan::Plan& plan, const catalog::Catalog& live) {
  Expected expected;
  for (const plan::Step& step : plan.steps) {
    if (step.renames) {
      expected = after_renames(step, expected);
      continue;
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
