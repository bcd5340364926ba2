// Lists what was run on a database, newest first, and what one run did.
#include <fmt/format.h>

#include <map>
#include <nlohmann/json.hpp>

#include "cli/commands.h"
#include "cli/difference_view.h"
#include "cli/status_view.h"
#include "cli/target.h"
#include "cli/text.h"
#include "executor/journal.h"
#include "executor/sound_journal.h"
#include "plan/plan_file.h"
#include "support/visible.h"

namespace lockstep::cli {
namespace {

using executor::RunRecord;
using nlohmann::ordered_json;

struct Options {
  TargetOptions target;
  std::string run, format;
};

void flags(Flags app, Options& options) {
  app.option("RUN", options.run, "a run (its id or the first characters of it): its steps and events").type("RUN");
  target_flags(app, options.target);
  format_flag(app, options.format);
}

// The time between two ISO times of the journal, both UTC with microseconds.
std::optional<std::chrono::milliseconds> between(const std::string& from, const std::string& to) {
  const auto parsed = [](const std::string& text) -> std::optional<std::chrono::milliseconds> {
    std::tm time{};
    int fraction = 0;
    if (std::sscanf(text.c_str(), "%d-%d-%dT%d:%d:%d.%d", &time.tm_year, &time.tm_mon, &time.tm_mday, &time.tm_hour, &time.tm_min,
                    &time.tm_sec, &fraction) != 7)
      return std::nullopt;
    time.tm_year -= 1900;
    time.tm_mon -= 1;
    return std::chrono::milliseconds(static_cast<std::int64_t>(timegm(&time)) * 1000 + fraction / 1000);
  };
  const auto start = parsed(from), end = parsed(to);
  if (!start || !end) return std::nullopt;
  return *end - *start;
}

std::string took(const RunRecord& run) {
  const auto time = between(run.started, run.finished);
  return time ? duration_text(*time) : "-";
}

ordered_json run_json(const RunRecord& run) {
  const auto time = between(run.started, run.finished);
  return {{"id", run.id},
          {"state", run.state},
          {"started", run.started},
          {"finished", run.finished.empty() ? ordered_json(nullptr) : ordered_json(run.finished)},
          {"milliseconds", time ? ordered_json(time->count()) : ordered_json(nullptr)},
          {"by", run.by},
          {"steps", run.steps},
          {"done", run.settled},
          {"plan_digest", run.plan_digest},
          {"error", run.last_error.empty() ? ordered_json(nullptr) : ordered_json(run.last_error)}};
}

std::string table(const std::vector<RunRecord>& runs) {
  std::string text =
      fmt::format("{:<10}{:<12}{:<25}{:<11}{:<9}{:<14}{}\n", "run", "state", "started", "took", "steps", "plan", "by");
  for (const RunRecord& run : runs)
    text += fmt::format("{:<10}{:<12}{:<25}{:<11}{:<9}{:<14}{}\n", run_name(run.id), run.state, short_time(run.started),
                        took(run), fmt::format("{}/{}", run.settled, run.steps), run.plan_digest.substr(0, 12), run.by);
  return text;
}

const RunRecord& find(const std::vector<RunRecord>& runs, const std::string& name) {
  const RunRecord* found = nullptr;
  for (const RunRecord& run : runs) {
    if (!run.id.starts_with(name)) continue;
    if (found != nullptr)
      throw support::UsageError(fmt::format("\"{}\" is the beginning of several runs: give more of it", name));
    found = &run;
  }
  if (found == nullptr) throw support::UsageError(fmt::format("no run \"{}\" in the journal (see `lockstep history`)", name));
  return *found;
}

std::string event_text(const executor::Event& event) {
  const auto detail = ordered_json::parse(event.detail);
  std::string text = fmt::format("  {}  {:<12}{}", short_time(event.at), event.kind, event.step);
  for (const char* key : {"message", "reason", "resolved", "by", "relation", "rows"})
    if (detail.contains(key))
      text += fmt::format("  {}{}", std::string(key) == "message" || std::string(key) == "resolved" ? "" : std::string(key) + " ",
                          detail[key].is_string() ? lines_of(detail[key].get<std::string>() + "\n").front() : detail[key].dump());
  return text + "\n";
}

std::string details(const RunRecord& run, const std::vector<executor::Event>& events, bool verbose) {
  const plan::Plan plan = plan::from_json(run.plan_json);
  std::map<std::string, std::string> state;
  for (const executor::Event& event : events)
    if (!event.step.empty() && event.kind != "batch") state[event.step] = event.kind;
  std::string text = fmt::format("run        {} {}\nstarted    {}, took {}\nby         {}\nplan       {}\n", run.id, run.state,
                                 short_time(run.started), took(run), run.by, run.plan_digest);
  if (!run.last_error.empty()) text += fmt::format("error      {}\n", run.last_error);
  text += fmt::format("\nSteps ({} of {} done)\n", run.settled, run.steps);
  for (const plan::Step& step : plan.steps) {
    const std::string& now = state[step.id];
    const bool done = now == "executed" || now == "settled";
    text += fmt::format("  {:<4} {:<9} {:<9} {}\n", step.id, plan::to_string(step.phase),
                        done          ? "done"
                        : now.empty() ? "-"
                                      : now,
                        support::visible(step.title));
  }
  text += "\nEvents\n";
  std::size_t batches = 0;
  for (const executor::Event& event : events) {
    batches += event.kind == "batch" ? 1 : 0;
    if (event.kind != "batch" || verbose) text += event_text(event);
  }
  if (batches > 0 && !verbose) text += fmt::format("  and {} (-v shows them)\n", plural(batches, "event") + " of batches");
  return text;
}

support::ExitCode run(const Options& options, const ConfigOptions& config, const Console& console) {
  const Work todo = work({.config = config, .target = &options.target}, console);
  const auto session = executor::connect(todo.url, todo.settings.application);
  const std::vector<RunRecord> runs = executor::runs(*session);
  if (!options.run.empty()) {
    const RunRecord& one = find(runs, options.run);
    const std::vector<executor::Event> events = executor::events(*session, one.id);
    if (options.format != "json") {
      console.out(details(one, events, console.verbose));
      return support::ExitCode::done;
    }
    ordered_json document = {{"format", "lockstep-history/1"}, {"run", run_json(one)}};
    document["plan"] = ordered_json::parse(one.plan_json);
    document["events"] = ordered_json::array();
    for (const executor::Event& event : events)
      document["events"].push_back({{"id", event.id},
                                    {"at", event.at},
                                    {"kind", event.kind},
                                    {"step", event.step},
                                    {"detail", ordered_json::parse(event.detail)}});
    console.out(json_text(document));
    return support::ExitCode::done;
  }
  if (options.format == "json") {
    ordered_json list = ordered_json::array();
    for (const RunRecord& one : runs) list.push_back(run_json(one));
    console.out(json_text({{"format", "lockstep-history/1"}, {"runs", std::move(list)}}));
  } else {
    console.out(runs.empty() ? "never applied\n" : table(runs));
  }
  return support::ExitCode::done;
}

}  // namespace

constinit const Command kHistory = command<Options, flags, run>("history", "what was run on a database, and what one run did");

}  // namespace lockstep::cli
