#include "reconciler/estimates.h"

#include <algorithm>
#include <set>

#include "postgres/speed_probe.h"
#include "support/sql_text.h"

namespace lockstep::reconciler {

namespace {

std::set<std::string> relations_of(const plan::Step& step) {
  std::set<std::string> relations;
  if (step.mode == plan::TransactionMode::batches) return {support::qualified(step.batches.schema, step.batches.table)};
  for (const plan::RelationLock& lock : step.locks) relations.insert(lock.relation);
  return relations;
}

// A step may lock tables that it doesn't work through: the largest counts, enlarged to what the step says.
plan::Bulk bulk(const plan::Step& step, const std::map<std::string, plan::Bulk>& known) {
  plan::Bulk largest;
  for (const std::string& relation : relations_of(step)) {
    const auto found = known.find(relation);
    if (found != known.end() && found->second.bytes > largest.bytes) largest = found->second;
  }
  if (largest.bytes == 0) return {.bytes = step.bytes};
  const double times = static_cast<double>(step.bytes) / static_cast<double>(largest.bytes);
  const auto scaled = [&](std::int64_t value) { return static_cast<std::int64_t>(static_cast<double>(value) * times); };
  return {step.bytes, scaled(largest.rows), scaled(largest.indexes)};
}

}  // namespace

void add_estimates(plan::Plan& plan, postgres::Session& target) {
  std::set<std::string> relations;
  for (const plan::Step& step : plan.steps) {
    if (plan::is_long(step)) relations.merge(relations_of(step));
  }
  if (std::none_of(plan.steps.begin(), plan.steps.end(), plan::is_long)) return;
  const auto known = postgres::bulk_of(target, {relations.begin(), relations.end()});
  plan.speeds = postgres::measure_speeds(target);
  for (plan::Step& step : plan.steps) {
    if (plan::is_long(step)) step.estimate = plan::estimated(step, bulk(step, known), plan.speeds);
  }
  plan.notes.push_back(plan.speeds.measured
                           ? "How long steps take is estimated from a short probe with a temporary table on this server"
                           : "How long steps take is not calibrated, since " + plan.speeds.why_not +
                                 ": the times are those of a slow server");
}

}  // namespace lockstep::reconciler
