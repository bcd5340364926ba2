// One database in detail, or every environment on a line of its own.
#include <fmt/format.h>

#include "cli/places.h"
#include "cli/text.h"

namespace lockstep::cli {
namespace status_text {
namespace {

// Its first line, with the first of what it announces.
std::string short_error(const std::string& error) {
  const std::vector<std::string> lines = lines_of(error);
  std::string text = lines.front();
  if (!text.ends_with(':') || lines.size() < 2) return text;
  const std::size_t begin = lines[1].find_first_not_of(' ');
  if (begin != std::string::npos) text += " " + lines[1].substr(begin);
  return lines.size() > 2 ? text + " …" : text;
}

std::string last_run_text(const fleet::Status& status, const Look& look) {
  if (status.runs.empty()) return "last run   never applied\n";
  const executor::RunRecord& run = status.runs.front();
  const Style style = run.state == "done" ? Style::green : Style::yellow;
  std::string text = fmt::format("last run   {} {}\n", run.id, paint(look.colour, style, run.state));
  text +=
      fmt::format("  when     {}{}\n", short_time(run.started), run.finished.empty() ? "" : " to " + short_time(run.finished));
  text += fmt::format("  by       {}\n  steps    {} of {}\n", run.by, run.settled, run.steps);
  if (run.waits())
    text += fmt::format("  waits    since {}, before phase {}\n", short_time(run.waits_since), plan::to_string(run.next));
  if (!run.last_error.empty()) text += fmt::format("  error    {}\n", short_error(run.last_error));
  return text;
}

// environment, state, database, last applied, drift, pending, open run: one line each.
std::string table(const Places& places) {
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
                    s.open            ? run_name(s.open->id)
                    : s.holds.empty() ? "-"
                                      : plural(s.holds.size(), "hold") + (s.holds.back().over ? ", one is over" : "")});
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

std::string text_of(const Places& places, const Look& look) {
  if (places.size() != 1) return table(places);
  return place_text(places.front(), look.colour) + last_run_text(places.front().status, look);
}

}  // namespace
}  // namespace status_text

constinit const Renderer<Places> kStatusText{.format = "text", .text = status_text::text_of};

}  // namespace lockstep::cli
