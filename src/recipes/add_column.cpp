#include <algorithm>

#include "catalog/keys.h"
#include "recipes/change_column.h"
#include "recipes/conversion.h"
#include "recipes/fill.h"
#include "recipes/not_null.h"
#include "recipes/null_test.h"
#include "recipes/published.h"
#include "recipes/relation.h"
#include "recipes/row_check.h"
#include "recipes/tags.h"
#include "support/error.h"
#include "support/sql_text.h"

namespace lockstep::recipes {

using plan::LockMode;
using plan::Phase;
using plan::Step;
using plan::Steps;
using support::quote_identifier;

namespace {

Step add_step(const Object& column, const std::string& definition, const std::vector<std::string>& settings,
              const Context& context) {
  const std::string table = relation_name(column.id);
  Step step = step_for(column, "add " + catalog::to_string(column.id), {"ALTER TABLE " + table + " ADD COLUMN " + definition});
  for (const auto& setting : settings) step.sql.push_back("ALTER TABLE " + table + " " + setting);
  step.lock = LockMode::access_exclusive;
  warn_subscribers(relation_of(column.id), column.id.path[2], context, step);
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

// The domains of a value of the column: its type, and the domains that this is based on.
std::vector<const Object*> domains_of(const Object& column, const Catalog& catalog) {
  std::vector<const Object*> domains;
  const Object* at = &column;
  while (at != nullptr) {
    const std::string type = at->get(keys::kType);
    const Object* next = nullptr;
    for (const auto& edge : catalog.edges_from(*catalog.index_of(at->id))) {
      const Object& used = catalog.at(edge.referenced);
      if (used.id.is(*kDomain) && support::qualified(used.id.path) == type) next = &used;
    }
    if (next != nullptr) domains.push_back(next);
    at = next;
  }
  return domains;
}

// Existing rows get NULL, so the domain must accept it.
void require_null_is_taken(const Object& column, bool backfill, const Context& context, Step& step) {
  const auto domains = domains_of(column, context.to);
  const auto gives = [](const Object* domain) { return domain->has(keys::kDefault); };
  if (!domains.empty() && gives(domains.front())) return;
  for (const Object* domain : domains) {
    if (domain->get(keys::kNotNull)) {
      if (!backfill) refuse_without_value(column);
      throw support::RefusedError(
          catalog::to_string(domain->id) + " forbids NULL, so " + catalog::to_string(column.id) +
          " can't be added before its rows are filled.\nNothing was changed. Give the column a default, or "
          "say NOT NULL of the column and not of the domain.");
    }
    for (const auto child : context.to.children(*context.to.index_of(domain->id))) {
      const Object& constraint = context.to.at(child);
      if (!constraint.id.is(*kDomainConstraint) || !constraint.has(keys::kExpression)) continue;
      step.checks.push_back(row_check(relation_of(column.id),
                                      catalog::to_string(constraint.id) + " takes NULL, which the rows of " +
                                          relation_name(column.id) + " get in " + quote_identifier(column.id.path[2]),
                                      "(SELECT NOT (" + constraint.get(keys::kExpression) + ") FROM (SELECT NULL::" +
                                          domains.back()->get(keys::kType) + ") AS lockstep_domain (value))",
                                      false, context));
    }
  }
}

// Whether the column is of an enum that the plan recreates, or is computed from one of it: it may name a value that only the new
// one has, and the rows have the old ones until the step. PostgreSQL finds in the step what can't be computed.
bool speaks_of_new_values(const Object& column, const Context& context) {
  const auto uses = [&](const ObjectId& id) {
    const auto& edges = context.to.edges_from(*context.to.index_of(id));
    return std::any_of(edges.begin(), edges.end(), [&](const auto& edge) {
      const ObjectId& used = context.to.at(edge.referenced).id;
      return used.is(*kEnum) && context.from.contains(used) && context.is_new(used);
    });
  };
  const auto& edges = context.to.edges_from(*context.to.index_of(column.id));
  return uses(column.id) || std::any_of(edges.begin(), edges.end(), [&](const auto& edge) {
           const ObjectId& used = context.to.at(edge.referenced).id;
           return used.is(*kColumn) && uses(used);
         });
}

// The expression is evaluated for every row during the rewrite, and one row can fail it.
void require_computable(const Object& column, Step& step, const Context& context) {
  const bool not_null = column.get(keys::kNotNull);
  if ((column.get(keys::kVirtual) && !not_null) || speaks_of_new_values(column, context)) return;
  const std::string value = "((" + column.get(keys::kGenerated) + ")::" + column.get(keys::kType) + ")";
  step.checks.push_back(row_check(relation_of(column.id),
                                  "the generated column " + support::qualified(column.id.path) + " can be computed in every row" +
                                      (not_null ? ", and is not null" : ""),
                                  not_null ? is_null(value, column.get(keys::kType)) : "pg_catalog.num_nulls(" + value + ") < 0",
                                  true, context));
  std::vector<std::string> used;
  for (const auto& edge : context.to.edges_from(*context.to.index_of(column.id)))
    used.push_back(context.to.at(edge.referenced).id.path.back());
  step.checks.back().upfront = !is_converted(relation_of(column.id), used, context);
}

}  // namespace

Steps add_column(const Object& column, const ColumnText& text, const Context& context) {
  const ObjectId relation = relation_of(column.id);
  const bool not_null = column.get(keys::kNotNull);
  const bool computed = column.has(keys::kIdentity) || column.has(keys::kGenerated);
  const std::string value = text.default_expression.empty() ? "" : " DEFAULT " + text.default_expression;
  const bool online = context.online(relation);
  const auto intent = context.intents.find(column.id);
  const bool backfill = intent != context.intents.end() && intent->second.backfill.has_value() && online && !computed;
  const auto probe = context.probes.find(column.id);
  const bool rewrites = probe != context.probes.end() && probe->second.rewrites;

  // A rewrite without a default of the column: the type is a domain, and PostgreSQL checks its constraints for every row or
  // stores its default.
  const bool of_domain = rewrites && value.empty();
  if (!online || computed || (!backfill && (!rewrites || of_domain))) {
    if (online && not_null && !computed && value.empty()) refuse_without_value(column);
    Step step = add_step(column, text.definition + value, text.settings, context);
    step.rewrites = online && (rewrites || (computed && !column.get(keys::kVirtual)));
    if (online) step.bytes = step.rewrites ? context.bytes(relation) : 0;
    if (probe != context.probes.end()) step.scans = probe->second.scans;
    if (online && column.has(keys::kGenerated)) require_computable(column, step, context);
    if (online && !computed && value.empty()) require_null_is_taken(column, false, context, step);
    return {step};
  }

  Steps steps{add_step(column, without_not_null(text.definition), text.settings, context)};
  require_null_is_taken(column, true, context, steps.front());
  if (rewrites && value.empty()) {  // a domain with checks: PostgreSQL evaluates them for every row, even for NULL
    steps.front().rewrites = true;
    steps.front().bytes = context.bytes(relation);
  }
  if (!value.empty()) {
    steps.back().sql.push_back("ALTER TABLE " + relation_name(column.id) + " ALTER COLUMN " +
                               quote_identifier(column.id.path[2]) + " SET" + value);
  }
  const Fill fill{column.id.path[2], backfill ? *intent->second.backfill : text.default_expression, not_null && value.empty()};
  for (auto& step : start_fill(column, fill, context)) steps.push_back(std::move(step));
  if (not_null) {
    for (auto& step : set_not_null(column, false, context)) steps.push_back(std::move(step));
  } else {
    steps.back().produces = {column.id};  // whatever depends on the column has to wait for the backfill
  }
  for (auto& step : end_fill(column, fill, context)) steps.push_back(std::move(step));
  return steps;
}

}  // namespace lockstep::recipes
