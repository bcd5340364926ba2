// Shows the state of databases: one in detail, or every environment on a line of its own.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "cli/commands.h"
#include "cli/difference_view.h"
#include "cli/report.h"
#include "cli/status_view.h"
#include "cli/text.h"

namespace lockstep::cli {
namespace {

struct Options {
  TargetsOptions targets;
  SchemaOptions schema;
  std::string format;
};

void flags(Flags app, Options& options) {
  targets_flags(app, options.targets);
  schema_flags(app, options.schema);
  format_flag(app, options.format);
}

std::string last_run_text(const fleet::Status& status, const Console& console) {
  if (status.runs.empty()) return "last run   never applied\n";
  const executor::RunRecord& run = status.runs.front();
  const Style style = run.state == "done" ? Style::green : Style::yellow;
  std::string text = fmt::format("last run   {} {}\n", run.id, paint(console.colour_out, style, run.state));
  text +=
      fmt::format("  when     {}{}\n", short_time(run.started), run.finished.empty() ? "" : " to " + short_time(run.finished));
  text += fmt::format("  by       {}\n  steps    {} of {}\n", run.by, run.settled, run.steps);
  if (!run.last_error.empty()) text += fmt::format("  error    {}\n", lines_of(run.last_error).front());
  return text;
}

// environment, state, database, last applied, drift, pending, open run: one line each.
std::string table(const std::vector<Place>& places) {
  std::vector<std::vector<std::string>> rows = {
      {"environment", "state", "database", "last applied", "drift", "pending", "open run"}};
  for (const Place& place : places) {
    const fleet::Status& s = place.status;
    if (!place.problem.empty() || !s.wrong_target.empty()) {
      rows.push_back({place.environment, state_word(place), place.problem.empty() ? s.wrong_target : place.problem});
      continue;
    }
    rows.push_back({place.environment, state_word(place), s.target.database, s.applied ? short_time(s.applied->at) : "never",
                    !s.drift_known    ? "unknown"
                    : s.drift.empty() ? "no"
                                      : plural(s.drift.size(), "object"),
                    !s.pending_known    ? "unknown"
                    : s.pending.empty() ? "nothing"
                                        : plural(s.pending.size(), "change"),
                    s.open ? run_name(s.open->id) : "-"});
  }
  std::vector<std::size_t> widths(rows.front().size());
  for (const auto& row : rows)
    for (std::size_t i = 0; i + 1 < row.size(); ++i)
      if (row.size() == widths.size() || i < 2) widths[i] = std::max(widths[i], width(row[i]));
  std::string text;
  for (const auto& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i)
      text += i + 1 < row.size() ? pad(row[i], widths[i] + 2) : lines_of(row[i]).empty() ? "" : lines_of(row[i]).front();
    text += "\n";
  }
  return text;
}

nlohmann::ordered_json run_json(const fleet::Status& status) {
  if (status.runs.empty()) return nullptr;
  const executor::RunRecord& run = status.runs.front();
  return {{"id", run.id},           {"state", run.state}, {"started", run.started}, {"finished", run.finished},
          {"by", run.by},           {"steps", run.steps}, {"done", run.settled},    {"plan_digest", run.plan_digest},
          {"error", run.last_error}};
}

support::ExitCode run(const Options& options, const ConfigOptions& config, const Console& console) {
  const std::vector<Place> places = ask_all(works(config, options.targets, options.schema, console), console);
  if (options.format == "json") {
    nlohmann::ordered_json list = nlohmann::ordered_json::array();
    for (const Place& place : places) {
      list.push_back(status_json(place));
      if (place.problem.empty()) list.back()["last_run"] = run_json(place.status);
    }
    console.out(json_text({{"format", "lockstep-status/1"}, {"databases", std::move(list)}}));
  } else if (places.size() == 1) {
    const Place& one = places.front();
    console.out(status_text(one, console.colour_out) + last_run_text(one.status, console));
    show_unmanaged(one.status.unmanaged, console);
  } else {
    console.out(table(places));
  }
  for (const Place& place : places)
    if (!place.problem.empty()) throw support::CommandError(support::ExitCode::failed, "not every environment could be asked");
  return support::ExitCode::done;
}

}  // namespace

constinit const Command kStatus =
    command<Options, flags, run>("status", "the state of databases: last run, drift, pending changes, open run");

}  // namespace lockstep::cli
