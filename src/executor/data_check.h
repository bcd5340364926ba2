// Asks a step's questions about the data: rows that would break the new rule, before the rule is tried.
//
// A question that converts values can fail on a row, and PostgreSQL gives up the whole query then. Where `sample` is a DO block
// it is run in that case, and where rows were counted: it asks row by row, each in a subtransaction, and leaves its answer in the
// transaction's settings lockstep.rows (how many) and lockstep.keys (a JSON list of at most five). It writes nothing, in a
// transaction that is READ ONLY, and takes no more than ACCESS SHARE. When every row converts, `count` is the only read.
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
