// Runs a step's data checks: which rows would break the new rule, before the rule is applied.
//
// If a check converts values, one row can raise an error that ends the whole query. If that happens, or if rows were counted,
// `sample` may be a DO block that evaluates the rows one by one, each in a subtransaction. It leaves its result in the
// transaction's settings lockstep.rows (the number) and lockstep.keys (a JSON list of at most five keys). It runs in a READ
// ONLY transaction, writes nothing and takes no lock above ACCESS SHARE. If every row converts, `count` is the only read.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "plan/step.h"
#include "session/session.h"
#include "session/text_settings.h"
#include "support/error.h"
#include "support/sql.h"

namespace lockstep::executor {

struct Violation {
  std::string rule;
  std::int64_t rows = 0;
  std::vector<std::string> sample;  // keys, as text
};

// Whether a row's value has ended a question: an error about a value, of a constraint, or raised by a function. If another
// question names such rows, they may be the reason.
bool is_about_a_value(const support::DatabaseError& error);
// The end of a command that nothing has changed.
support::CommandError could_not_ask(const std::string& database, const plan::Step& step, const support::DatabaseError& error);

// Runs the checks in a read-only transaction, with the step's search_path and with the settings that the target had when the
// plan was made (`own`). `upfront_only`: only checks that can run before the first step.
std::vector<Violation> ask(postgres::Session& session, const plan::Step& step, const postgres::TextSettings& own,
                           bool upfront_only);

// One check of the step, in a transaction that makes these renames first and undoes them at the end: of relations that nobody
// else uses. Waits two seconds for each of them.
std::optional<Violation> ask_as_if(postgres::Session& session, const plan::Step& step, const plan::DataCheck& check,
                                   const postgres::TextSettings& own, const std::vector<support::Sql>& renames);

// "every shop.orders.customer_id has a row in shop.customers: 3 rows do not (7, 9, 12)"
std::string to_string(const Violation& violation);

}  // namespace lockstep::executor
