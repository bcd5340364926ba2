#include "recipes/change_column.h"
#include "recipes/fill.h"
#include "recipes/not_null.h"
#include "recipes/relation.h"
#include "support/error.h"
#include "support/sql_text.h"

namespace lockstep::recipes {

using catalog::Attr;
using plan::LockMode;
using plan::Phase;
using plan::Step;
using plan::Steps;
using support::quote_identifier;

namespace {

Step add_step(const Object& column, const std::string& definition, const std::vector<std::string>& settings) {
  const std::string table = relation_name(column.id);
  Step step = step_for(column, "add " + catalog::to_string(column.id), {"ALTER TABLE " + table + " ADD COLUMN " + definition});
  for (const auto& setting : settings) step.sql.push_back("ALTER TABLE " + table + " " + setting);
  step.lock = LockMode::access_exclusive;
  return step;
}

std::string without_not_null(std::string definition) {
  constexpr std::string_view kSuffix = " NOT NULL";
  if (definition.ends_with(kSuffix)) definition.resize(definition.size() - kSuffix.size());
  return definition;
}

void refuse_without_value(const Object& column) {
  throw support::RefusedError(
      "column " + support::qualified(column.id.path) + " is NOT NULL, and the rows already in " + relation_name(column.id) +
      " would have no value for it.\nNothing was changed. Say what they get: `backfill (expression)` or a default.");
}

}  // namespace

Steps add_column(const Object& column, const ColumnText& text, const Context& context) {
  const ObjectId relation = relation_of(column.id);
  const bool not_null = column.get(Attr<bool>{"not_null"});
  const bool computed = column.has(Attr<std::string>{"identity"}) || column.has(Attr<std::string>{"generated"});
  const std::string value = text.default_expression.empty() ? "" : " DEFAULT " + text.default_expression;
  const bool online = context.online(relation);
  const auto intent = context.intents.find(column.id);
  const bool backfill = intent != context.intents.end() && intent->second.backfill.has_value() && online && !computed;
  const auto probe = context.probes.find(column.id);
  const bool rewrites = probe != context.probes.end() && probe->second.rewrites;

  if (!online || computed || (!backfill && !rewrites)) {
    if (online && not_null && !computed && value.empty()) refuse_without_value(column);
    Step step = add_step(column, text.definition + value, text.settings);
    step.rewrites = online && (rewrites || computed);
    if (online) step.bytes = step.rewrites ? context.bytes(relation) : 0;
    if (probe != context.probes.end()) step.scans = probe->second.scans;
    return {step};
  }

  Steps steps{add_step(column, without_not_null(text.definition), text.settings)};
  if (!value.empty()) {
    steps.back().sql.push_back("ALTER TABLE " + relation_name(column.id) + " ALTER COLUMN " +
                               quote_identifier(column.id.path[2]) + " SET" + value);
  }
  const Fill fill{column.id.path[2], backfill ? *intent->second.backfill : text.default_expression, not_null && value.empty()};
  for (auto& step : start_fill(column, fill, context)) steps.push_back(std::move(step));
  if (not_null) {
    for (auto& step : set_not_null(column, false, context)) steps.push_back(std::move(step));
  } else {
    steps.back().produces = {column.id};  // what builds on it comes after the backfill
  }
  for (auto& step : end_fill(column, fill)) steps.push_back(std::move(step));
  return steps;
}

}  // namespace lockstep::recipes
