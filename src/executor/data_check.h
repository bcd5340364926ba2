// Asks a step's questions about the data: rows that would break the new rule, before the rule is tried.
#pragma once

#include <string>
#include <vector>

#include "plan/step.h"
#include "postgres/session.h"
#include "postgres/text_settings.h"

namespace lockstep::executor {

struct Violation {
  std::string rule;
  std::int64_t rows = 0;
  std::vector<std::string> sample;  // keys, as text
};

// In a read-only transaction under the step's search_path and the settings of the target that the plan was made under (`own`).
// `upfront_only`: those that can be asked before the first step.
std::vector<Violation> ask(postgres::Session& session, const plan::Step& step, const postgres::TextSettings& own,
                           bool upfront_only);

// `every shop.orders.customer_id has a row in shop.customers: 3 rows do not (7, 9, 12)`
std::string to_string(const Violation& violation);

}  // namespace lockstep::executor
