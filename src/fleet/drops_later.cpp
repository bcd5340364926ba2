#include "fleet/drops_later.h"

#include <algorithm>

#include "support/sql_text.h"

namespace lockstep::fleet {

bool drops_later(const plan::Plan& plan, std::size_t step, const catalog::Path& before, const catalog::Path& then) {
  if (then.size() != 2) return false;
  return std::any_of(plan.steps.begin() + static_cast<std::ptrdiff_t>(step), plan.steps.end(), [&](const plan::Step& later) {
    const bool said = std::any_of(later.losses.begin(), later.losses.end(), [&](const plan::Loss& loss) {
      return loss.hazard == "drop-table" && loss.object == support::join(before, ".");
    });
    return said && std::find(later.sql.begin(), later.sql.end(), "DROP TABLE " + support::qualified(then)) != later.sql.end();
  });
}

}  // namespace lockstep::fleet
