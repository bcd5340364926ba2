// What the live database lacks of the desired state after an apply.
#include "elaborator/desired.h"
#include "elaborator/options.h"
#include "elaborator/scratch_copy.h"
#include "postgres/introspect.h"
#include "reconciler/beside.h"
#include "reconciler/closure.h"
#include "reconciler/comparer.h"
#include "reconciler/comparison.h"
#include "reconciler/proof.h"

namespace lockstep::reconciler {

using catalog::Change;

std::vector<std::string> verify(postgres::Session& target, const elaborator::Desired& desired,
                                const elaborator::Options& options) {
  const postgres::Snapshot live = postgres::introspect(target, {.facts = false, .unmanaged = false});
  Comparer comparer(desired.scope, desired.catalog);
  const Beside beside(waiting_runs(target));
  const auto without_theirs = [&](std::vector<Change> changes) {
    std::erase_if(changes, [&](const Change& change) {
      return change.what == Change::What::set ? beside.holds_or_prints(live.catalog, change.id) : beside.holds(change.id);
    });
    return changes;
  };
  auto left = without_theirs(comparer.changes(live.catalog));
  if (Comparer::with_expressions(left).empty()) return describe(left);
  const auto read = ids_of(left);
  const elaborator::Copy live_again = elaborator::make_copy(self_contained(live.catalog, read), desired.catalog, live, options);
  const elaborator::Copy desired_again =
      elaborator::make_copy(self_contained(desired.whole(), read), desired.catalog, live, options);
  comparer.elaborated(&live_again.catalog, &desired_again.catalog);
  return describe(without_theirs(comparer.changes(live.catalog)));
}

}  // namespace lockstep::reconciler
