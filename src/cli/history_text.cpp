#include <fmt/format.h>

#include <map>
#include <nlohmann/json.hpp>

#include "cli/history_document.h"
#include "cli/text.h"
#include "plan/plan_file.h"
#include "support/visible.h"

namespace lockstep::cli {
namespace history_text {
namespace {

using executor::RunRecord;
using nlohmann::ordered_json;

std::string took(const RunRecord& run) {
  const auto time = run_time(run);
  return time ? duration_text(*time) : "-";
}

// "ann@host: the message (a part: --only 'table shop.t')"; consents and reasons are told by `history RUN`.
std::string by_and_why(const RunRecord& run, const executor::RunFacts& facts) {
  std::string text = run.by;
  if (!run.provenance.message.empty()) text += ": " + lines_of(run.provenance.message + "\n").front();
  for (const RunRemark& one : run_remarks(run, facts)) {
    if (std::string_view(one.label) == "part") text += " (a part: " + one.text + ")";
    if (std::string_view(one.label) == "adopted") text += " (adopted what stood)";
  }
  return support::visible(text);
}

std::string table(const Runs& runs, const Look&) {
  if (runs.all.empty()) return "never applied\n";
  std::string text =
      fmt::format("{:<10}{:<13}{:<25}{:<11}{:<9}{:<14}{}\n", "run", "state", "started", "took", "steps", "plan", "by");
  for (const RunRecord& run : runs.all)
    text += fmt::format("{:<10}{:<13}{:<25}{:<11}{:<9}{:<14}{}\n", run_name(run.id), run.state, short_time(run.started),
                        took(run), fmt::format("{}/{}", run.settled, run.steps), run.plan_digest.substr(0, 12),
                        by_and_why(run, facts_of(runs.facts, run)));
  return text;
}

std::string event_text(const executor::Event& event) {
  const auto detail = ordered_json::parse(event.detail);
  std::string text = fmt::format("  {}  {:<12}{}", short_time(event.at), event.kind, event.step);
  for (const char* key : {"message", "reason", "resolved", "by", "relation", "rows", "next", "name", "result", "promoted_by"})
    if (detail.contains(key))
      text += fmt::format("  {}{}", std::string(key) == "message" || std::string(key) == "resolved" ? "" : std::string(key) + " ",
                          detail[key].is_string() ? lines_of(detail[key].get<std::string>() + "\n").front() : detail[key].dump());
  return text + "\n";
}

std::string why(const RunRecord& run, const executor::RunFacts& facts) {
  const executor::Provenance& from = run.provenance;
  std::string text;
  const auto line = [&](const char* name, const std::string& value) {
    if (!value.empty()) text += fmt::format("{:<11}{}\n", name, support::visible(value));
  };
  line("message", from.message);
  line("commit", from.commit.empty() ? "" : from.commit + (from.clean ? "" : ", with changes that were not committed"));
  line("branch", from.branch);
  line("author", from.author);
  line("job", from.job);
  line("after", from.promoted_by);
  line("forced", from.unpromoted);
  for (const std::string& one : from.approvals) line("approved", one);
  for (const std::string& one : from.backups) line("also saved", one);
  for (const RunRemark& one : run_remarks(run, facts)) line(one.label, one.text);
  return text;
}

std::string details(const RunDocument& document, const Look& look) {
  const RunRecord& run = document.run;
  const plan::Plan plan = plan::from_json(run.plan_json);
  std::map<std::string, std::string> state;
  for (const executor::Event& event : document.events)
    if (!event.step.empty() && event.kind != "batch") state[event.step] = event.kind;
  std::string text = fmt::format("run        {} {}\nstarted    {}, took {}\nby         {}\nplan       {}\n", run.id, run.state,
                                 short_time(run.started), took(run), run.by, run.plan_digest);
  text += why(run, document.facts);
  if (run.waits())
    text += fmt::format("waits      since {}, before phase {}\n", short_time(run.waits_since), plan::to_string(run.next));
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
  for (const executor::Event& event : document.events) {
    batches += event.kind == "batch" ? 1 : 0;
    if (event.kind != "batch" || look.verbose) text += event_text(event);
  }
  if (batches > 0 && !look.verbose) text += fmt::format("  and {} (-v shows them)\n", plural(batches, "event") + " of batches");
  return text;
}

}  // namespace
}  // namespace history_text

constinit const Renderer<Runs> kHistoryText{.format = "text", .text = history_text::table};
constinit const Renderer<RunDocument> kRunText{.format = "text", .text = history_text::details};

}  // namespace lockstep::cli
