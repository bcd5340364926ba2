// Says what a code of Lockstep's means: of a diagnostic, an exit code, a kind of hazard; or what a step of a saved plan does.
#include <fmt/format.h>

#include <algorithm>

#include "cli/commands.h"
#include "cli/manual_texts.h"
#include "cli/plan_view.h"
#include "cli/text.h"
#include "plan/hazard.h"
#include "plan/phase_name.h"
#include "plan/plan_file.h"
#include "support/error.h"
#include "support/source_text.h"
#include "support/visible.h"

namespace lockstep::cli {
namespace command_explain {
namespace {

struct Options {
  std::string what, plan;
};

void flags(Flags app, Options& options) {
  app.option("WHAT", options.what, "a code such as LS0301, an exit code, a kind of hazard, or a step of --plan")
      .required()
      .type("WHAT");
  app.option("--plan", options.plan, "the saved plan that the step is of").type("FILE");
}

// The cells of a Markdown table's row; empty: the line is none.
std::vector<std::string> cells_of(const std::string& line) {
  std::vector<std::string> cells;
  if (!line.starts_with("| ")) return cells;
  std::size_t from = 2;
  while (from < line.size()) {
    std::size_t end = from;
    while (end < line.size() && !(line[end] == '|' && line[end - 1] == ' ')) ++end;
    const std::size_t last = line.find_last_not_of(' ', end - 1);
    cells.push_back(last == std::string::npos || last < from ? "" : line.substr(from, last + 1 - from));
    from = end + 2;
  }
  return cells;
}

// The row of the table in which the first cell is `code`.
std::vector<std::string> row_of(std::string_view table, const std::string& code) {
  for (const std::string& line : lines_of(table)) {
    std::vector<std::string> cells = cells_of(line);
    if (!cells.empty() && cells.front() == code) return cells;
  }
  return {};
}

std::string step_text(const plan::Plan& plan, const plan::Step& step) {
  std::string text = fmt::format("{} {}: {}\n", step.id, plan::to_string(step.phase), step.title);
  for (const plan::RelationLock& lock : step.locks)
    text += fmt::format("lock       {} on {}\n", plan::to_string(lock.mode), lock.relation);
  text += fmt::format("runs       {}\n", step.mode == plan::TransactionMode::inside ? "in one transaction"
                                         : step.mode == plan::TransactionMode::outside
                                             ? "outside a transaction; what is half done is repaired"
                                             : "in batches, each a transaction of its own");
  if (step.rewrites) text += "work       rewrites the table\n";
  if (step.scans) text += "work       reads the whole table\n";
  if (step.builds) text += "work       builds an index\n";
  for (const plan::Hazard& hazard : plan::hazards_of(plan))
    if (hazard.step == step.id) text += fmt::format("hazard     {}: {}\n", hazard.kind, hazard.message);
  for (const std::string& sql : step.sql) text += sql + ";\n";
  if (step.mode == plan::TransactionMode::batches) text += update_of(step.batches) + ";\n";
  return text;
}

std::string explained(const Options& options) {
  if (!options.plan.empty()) {
    const plan::Plan plan = plan::from_json(support::read_source(options.plan)->text());
    for (const plan::Step& step : plan.steps)
      if (step.id == options.what) return step_text(plan, step);
    throw support::UsageError(fmt::format("{} has no step {}", options.plan, support::visible(options.what)));
  }
  std::string code = options.what;  // in capitals, as it is printed
  std::transform(code.begin(), code.end(), code.begin(),
                 [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; });
  if (const auto row = row_of(diagnostics_markdown(), code); row.size() >= 3)
    return fmt::format("{}: {}\n{}", row[0], row[1], row[2].empty() ? "" : row[2] + "\n");
  if (const auto row = row_of(exit_codes_markdown(), options.what); row.size() >= 2)
    return fmt::format("exit code {}: {}\n", row[0], row[1]);
  for (const plan::HazardKind& kind : plan::hazard_kinds())
    if (kind.name == options.what) return fmt::format("{}: {}\nconsent: --allow {}[:GLOB]\n", kind.name, kind.meaning, kind.name);
  throw support::UsageError(fmt::format(
      "\"{}\" is no code of a diagnostic (such as LS0301), no exit code and no kind of hazard; for a step, give --plan",
      support::visible(options.what)));
}

support::ExitCode run(const Options& options, const ConfigOptions&, const Console& console) {
  console.out(explained(options));
  return support::ExitCode::done;
}

}  // namespace
}  // namespace command_explain

constinit const Command kExplain =
    command<command_explain::flags, command_explain::run>("explain", "what a code, a hazard or a step of a plan means");

}  // namespace lockstep::cli
