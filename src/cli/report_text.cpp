// Markdown that also reads well in a terminal and in a mail.
#include <fmt/format.h>

#include "cli/plan_markdown.h"
#include "cli/report_document.h"
#include "cli/text.h"
#include "support/visible.h"

namespace lockstep::cli {
namespace report_text {
namespace {

using executor::RunRecord;

// People wrote it: nothing in it is Markdown.
std::string first_line(const std::string& text) {
  return markdown_text(lines_of(text + "\n").front());
}

std::string run_text(const RunRecord& run, const executor::RunFacts& facts) {
  const executor::Provenance& from = run.provenance;
  std::string text = fmt::format("- {} {} {} by {}, {} of {} steps", short_time(run.started), run_name(run.id), run.state,
                                 markdown_code(run.by), run.settled, run.steps);
  if (!from.message.empty()) text += ": " + first_line(from.message);
  if (!from.commit.empty()) text += fmt::format(" ({}{})", from.commit.substr(0, 12), from.clean ? "" : ", not clean");
  if (!from.approvals.empty()) text += ", approved by " + markdown_text(fmt::format("{}", fmt::join(from.approvals, ", ")));
  if (!from.unpromoted.empty()) text += ", promotion forced: " + first_line(from.unpromoted);
  if (!run.last_error.empty()) text += "; " + first_line(run.last_error);
  text += "\n";
  for (const RunRemark& one : run_remarks(run, facts)) {
    const bool flags = std::string_view(one.text).starts_with("--");
    text += fmt::format("  - {}: {}\n", one.label, flags ? markdown_code(one.text) : markdown_text(one.text));
  }
  return text;
}

std::size_t to_come(const fleet::Status& status) {
  std::size_t steps = status.gate ? status.gate->pending.size() : 0;
  for (const fleet::Gate& gate : status.more_gates) steps += gate.pending.size();
  return steps;
}

std::string state_text(const ReportDocument::One& one) {
  const fleet::Status& s = one.place.status;
  std::string text;
  const auto line = [&](bool on, const std::string& what) {
    if (on) text += "- " + support::visible(what) + "\n";
  };
  line(!s.wrong_target.empty(), markdown_text(s.wrong_target));
  line(!s.broken_journal.empty(), "JOURNAL: " + markdown_text(s.broken_journal));
  line(!s.drift.empty(),
       fmt::format("DRIFT: {} changed by somebody else (`lockstep verify` lists them)", plural(s.drift.size(), "object")));
  line(!s.pending.empty(), fmt::format("{} pending: the files want something else{}", plural(s.pending.size(), "change"),
                                       s.open ? " than the open run leads to" : ""));
  line(s.open && !s.gate, "an open run, which stopped");
  line(s.gate.has_value(),
       fmt::format("{} at a gate, with {} to do", plural(1 + s.more_gates.size(), "rollout"), plural(to_come(s), "step")));
  for (const fleet::Hold& hold : s.holds)
    line(true, fmt::format("run {} is held until {}{}", run_name(hold.run), short_time(hold.until),
                           hold.over ? ", which is over: `lockstep purge`" : ""));
  line(s.rehearsal.saved && !s.rehearsal.passed, "BACKUPS: none was ever rehearsed (`lockstep backup rehearse`)");
  if (s.rehearsal.passed)
    line(true, fmt::format("the last rehearsed backup is that of run {}: {} restored {} by {} in {}",
                           run_name(s.rehearsal.passed->run), plural(static_cast<std::size_t>(s.rehearsal.passed->rows), "row"),
                           short_time(s.rehearsal.passed->at), markdown_code(s.rehearsal.passed->by),
                           duration_text(std::chrono::milliseconds(s.rehearsal.passed->milliseconds))));
  line(one.saved_files > 0,
       fmt::format("{} with {} saved by these runs: `lockstep backup verify` reads them", plural(one.saved_files, "file"),
                   plural(static_cast<std::size_t>(one.saved_rows), "row")));
  return text;
}

std::string text_of(const ReportDocument& report, const Look&) {
  std::string text = fmt::format("# Lockstep report, {} to {}\n", short_time(report.since), short_time(report.until));
  for (const ReportDocument::One& one : report.all) {
    const std::string& name = one.place.environment;
    text += fmt::format("\n## {}: {}\n\n", markdown_text(name.empty() ? one.place.status.target.database : name),
                        state_word(one.place));
    if (!one.place.problem.empty()) {
      text += "- " + markdown_text(one.place.problem) + "\n";
      continue;
    }
    text += state_text(one);
    for (const RunRecord& run : one.place.status.runs) text += run_text(run, facts_of(one.facts, run));
    if (one.place.status.runs.empty()) text += "- no runs in this time\n";
  }
  return text;
}

}  // namespace
}  // namespace report_text

constinit const Renderer<ReportDocument> kReportText{.format = "text", .note = "Markdown", .text = report_text::text_of};

}  // namespace lockstep::cli
