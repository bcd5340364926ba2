#include "fleet/promotion.h"

#include <fmt/format.h>

#include "executor/sound_journal.h"
#include "support/error.h"

namespace lockstep::fleet {

Evidence evidence_of(const std::vector<executor::RunRecord>& upstream, const std::string& declarations, plan::Phase until) {
  Evidence evidence;
  for (const executor::RunRecord& run : upstream) {
    if (run.provenance.declarations != declarations || run.state == "rolled back" || run.state == "superseded") continue;
    if (run.verified) return {run.id, ""};
    if (run.waits() && until < run.next) return {run.id, ""};
    if (run.waits()) {
      evidence.missing = fmt::format("its run {} of these declarations waits at the gate before phase {}", run.id.substr(0, 8),
                                     plan::to_string(run.next));
    } else if (evidence.missing.empty()) {
      evidence.missing =
          fmt::format("its run {} of these declarations is {}, and was not verified", run.id.substr(0, 8), run.state);
    }
  }
  if (evidence.missing.empty()) evidence.missing = "these declarations were never applied there";
  return evidence;
}

std::string require_promoted(const Upstream& upstream, const std::string& declarations, plan::Phase until,
                             const std::string& environment) {
  const std::string way = fmt::format(
      "\nNothing was changed. Apply them there first (`lockstep apply --env {}`), or override it: --force-promotion --reason "
      "TEXT, "
      "which is journalled.",
      upstream.environment);
  const std::string rule = fmt::format("environment {} comes after {} (`after:`)", environment, upstream.environment);
  if (declarations.empty())
    throw support::RefusedError(rule + ", and this plan comes without the schema files that it was made from: give --schema" +
                                way);
  if (upstream.url.empty())
    throw support::RefusedError(fmt::format("{}, whose journal can't be read: {}{}", rule, upstream.problem, way));
  std::vector<executor::RunRecord> runs;
  try {
    runs = executor::runs(*executor::connect(upstream.url, "lockstep"));
  } catch (const support::DatabaseError& error) {
    throw support::RefusedError(fmt::format("{}, whose journal can't be read: {}{}", rule, error.facts().message, way));
  }
  const Evidence evidence = evidence_of(runs, declarations, until);
  if (evidence.run.empty()) throw support::RefusedError(fmt::format("{}: {}{}", rule, evidence.missing, way));
  return fmt::format("{}: run {}", upstream.environment, evidence.run);
}

}  // namespace lockstep::fleet
