#include "kinds/recreation/names_back.h"

#include <fmt/format.h>

#include <algorithm>

#include "catalog/keys.h"
#include "kinds/recreation/back_mirror.h"
#include "kinds/recreation/succeed_columns.h"
#include "recipes/null_test.h"
#include "recipes/relation.h"
#include "recipes/row_check.h"
#include "recipes/transitional.h"
#include "support/sql_text.h"

namespace lockstep::kinds {

using recipes::relation_name;
using recipes::relation_of;
using recipes::Succession;
using support::quote_identifier;

void take_names_back(const Succession& succession, const Context& context, Step& step) {
  const Catalog unknown;  // the key's columns may have other names
  const Context nameless{.from = unknown, .to = unknown};
  std::vector<std::string> before;
  std::vector<plan::Helper> gone;
  const bool held = std::all_of(succession.columns.begin(), succession.columns.end(),
                                [&](const auto& column) { return context.held && context.held(column.id); });
  for (const auto& column : succession.columns) {
    if (!held || !column.named) continue;
    const Backwards backwards(context);
    const Succession::Column& back = *back_of(column.id, *context.successions);
    const BackMirror now(back, backwards.context, BackMirror::Names::of_hold);
    now.drop(before);
    Step made;
    made.helpers = now.helpers();
    for (plan::Helper& helper : recipes::taken(made)) gone.push_back(std::move(helper));
    BackMirror(back, backwards.context, BackMirror::Names::before).create(step);
    if (backwards.intents.contains(column.id)) continue;  // it may give none
    const std::string type = context.from.find(column.id)->get(keys::kType), name = quote_identifier(column.successor);
    plan::DataCheck check = recipes::row_check(
        relation_of(column.id), fmt::format("every value of {}.{} has one of type {}", relation_name(column.id), name, type),
        recipes::is_null(quote_identifier(back.successor), type) + " AND " +
            recipes::is_not_null(name, context.to.find(column.id)->get(keys::kType)),
        false, nameless);
    check.upfront = false;
    step.checks.push_back(std::move(check));
  }
  step.sql.insert(step.sql.begin(), before.begin(), before.end());
  step.helpers.insert(step.helpers.begin(), gone.begin(), gone.end());
}

}  // namespace lockstep::kinds
