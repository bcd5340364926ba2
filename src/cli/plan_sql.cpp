#include <fmt/format.h>

#include <algorithm>

#include "cli/plan_document.h"
#include "cli/plan_view.h"
#include "cli/text.h"
#include "support/sql_text.h"
#include "support/visible.h"

namespace lockstep::cli {
namespace {

using support::visible;

// A carriage return ends a comment too.
std::string commented(std::string_view text) {
  std::string result;
  for (const std::string& line : lines_of(text)) result += "-- " + support::visible_lines(visible(line)) + "\n";
  return result;
}

}  // namespace

std::string update_of(const plan::Batches& batches) {
  return fmt::format("UPDATE {} SET {} WHERE {}", support::qualified(batches.schema, batches.table), batches.assignment,
                     batches.pending);
}

std::string plan_sql_head(const plan::Plan& plan) {
  const std::string& database = plan.target.database;
  const std::string title =
      database.empty() ? title_of(plan) : "plan for database " + visible(support::quote_identifier(database));
  const std::string text = commented(fmt::format("{}, PostgreSQL {}", title, server_version(plan.target.server_version)));
  if (plan.empty()) return text + commented(nothing_to_do(plan));
  const bool helped =
      std::any_of(plan.steps.begin(), plan.steps.end(), [](const plan::Step& step) { return !step.helpers.empty(); });
  return text + commented("what `lockstep apply` adds is missing here: journal, lock ladder, batches, backup, resume") +
         (helped ? "CREATE SCHEMA IF NOT EXISTS lockstep;\n" : "");
}

std::string step_sql(const plan::Step& step) {
  std::string text = "\n" + commented(fmt::format("{} {}: {}", step.id, plan::to_string(step.phase), visible(step.title)));
  std::vector<std::string> path = {"pg_catalog"};
  path.insert(path.end(), step.search_path.begin(), step.search_path.end());
  if (!step.search_path.empty()) text += "SET search_path TO " + support::identifier_list(path) + ";\n";
  if (step.mode == plan::TransactionMode::batches) text += commented("in batches") + update_of(step.batches) + ";\n";
  const bool block = step.mode == plan::TransactionMode::inside && step.sql.size() > 1;
  if (block) text += "BEGIN;\n";
  for (const std::string& statement : step.sql) text += statement + ";\n";
  if (block) text += "COMMIT;\n";
  if (!step.search_path.empty()) text += "SET search_path TO '';\n";
  return text;
}

std::string plan_sql(const plan::Plan& plan) {
  std::string text = plan_sql_head(plan);
  for (const plan::Step& step : plan.steps) text += step_sql(step);
  return text;
}

namespace {

std::string sql_of(const PlanDocument& document, const Look&) {
  return plan_sql(document.plan);
}

std::string early_sql(const PlanDocument& document, const Look&) {
  return document.open_run.empty() ? "" : "-- " + document.open_run + "\n";
}

}  // namespace

constinit const Renderer<PlanDocument> kPlanSql{.format = "sql", .text = sql_of, .early = early_sql, .exact = true};

}  // namespace lockstep::cli
