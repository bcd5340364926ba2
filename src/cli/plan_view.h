// A plan for people (text) and for psql (sql). `plan`, `apply` and `demo` show the same view.
#pragma once

#include <string>
#include <vector>

#include "plan/hazard.h"
#include "plan/plan.h"

namespace lockstep::cli {

enum class Statements { none, shortened, whole };

struct PlanViewOptions {
  bool colour = false;
  Statements statements = Statements::shortened;  // `--format sql` and -v show all
  std::size_t width = 80;                         // nothing that can be wrapped is wider
};

std::string plan_text(const plan::Plan& plan, const std::vector<plan::Hazard>& hazards, const PlanViewOptions& options);

// "Plan for database "shop"", or of a plan that is for none.
std::string title_of(const plan::Plan& plan);
// Of an empty plan.
std::string nothing_to_do(const plan::Plan& plan);

// Runnable statements, with comments for what psql can't do by itself (batches, repairs). An empty plan prints comments only.
std::string plan_sql(const plan::Plan& plan);
// Its parts: the comments at the beginning, and the statements of one step.
std::string plan_sql_head(const plan::Plan& plan);
std::string step_sql(const plan::Step& step);
// The statement of a step in batches, of all its rows.
std::string update_of(const plan::Batches& batches);

}  // namespace lockstep::cli
