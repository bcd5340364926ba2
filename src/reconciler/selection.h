// Which part of the changes a plan is to hold: --only and --exclude. A plan that was cut says so in its record
// (Plan::record), so that its digest covers it and whoever runs the plan later knows that it was a part.
#pragma once

#include <string>
#include <vector>

#include "plan/plan.h"

namespace lockstep::reconciler {

// Names as `verify` prints them ("table shop.orders"), the same without the kind, or globs of either. A name stands for the
// object and everything that belongs to it.
struct Selection {
  std::vector<std::string> only, exclude;  // `only` empty: everything
  bool any() const { return !only.empty() || !exclude.empty(); }
  friend bool operator==(const Selection&, const Selection&) = default;
};
// As the command line takes it, quoted for a shell: "--only 'table shop.orders'". Empty: of a whole plan.
std::string flags_of(const Selection& selection);
// `digest`, of files as a whole, as that of the chosen part of them. The same without a selection.
std::string digest_of_part(const std::string& digest, const Selection& selection);

// What the plan's record says. Empty: it is a whole plan.
Selection selection_of(const plan::Plan& plan);
void write_selection(plan::Plan& plan, const Selection& selection);

}  // namespace lockstep::reconciler
