#include "reconciler/between.h"

#include "elaborator/scratch_copy.h"
#include "elaborator/scratch_database.h"
#include "kinds/registry.h"
#include "reconciler/protect.h"

namespace lockstep::reconciler {

Comparison between(const parser::Declared& from, const parser::Declared& to, Tables tables, const elaborator::Options& options,
                   support::Diagnostics& diagnostics) {
  constexpr std::int64_t kLarge = std::int64_t{1} << 40;
  Comparison comparison;
  const elaborator::Desired before = elaborate(from, nullptr, options, diagnostics);
  if (diagnostics.has_errors()) return comparison;
  const auto empty = postgres::Scratch::create(elaborator::scratch_options(nullptr, before.catalog, options));
  elaborator::Copy copy = elaborator::make_copy(before.whole(), before.catalog, elaborator::read_scratch(*empty), options);
  comparison.live = elaborator::read_scratch(*copy.scratch);
  comparison.live.catalog = copy.catalog;
  for (const catalog::Object& object : comparison.live.catalog.objects())
    if (tables == Tables::large && kinds::of(object.id).holds == kinds::Holds::rows)
      comparison.live.facts[object.id].bytes = kLarge;
  comparison.desired = elaborate(to, &comparison.live, options, diagnostics);
  if (diagnostics.has_errors()) return comparison;
  compare_made(copy.scratch->superuser(), to, options, comparison, diagnostics);
  plan::Plan& plan = comparison.plan;
  if (comparison.harm.empty()) comparison.harm = protected_harm(plan, from.scope.protects);  // as if they had been applied
  plan.target = {.system_identifier = {}, .database = {}, .server_version = plan.target.server_version};
  for (const auto& [id, why] : copy.lacking)
    plan.notes.push_back("not in what this begins with: " + catalog::to_string(id) + ": " + why);
  for (plan::Step& step : plan.steps) step.bytes = 0;  // nobody knows
  if (!plan.empty() && plan.steps.back().phase == plan::Phase::purge) plan.hold = options.hold.count();
  return comparison;
}

}  // namespace lockstep::reconciler
