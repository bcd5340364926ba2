// The audit of a week: what was run on each environment, by whom and from what, and how each stands.
#include <fmt/format.h>

#include "cli/commands.h"
#include "cli/report_document.h"
#include "cli/text.h"
#include "executor/saved_files.h"
#include "executor/sound_journal.h"
#include "support/error.h"

namespace lockstep::cli {
namespace command_report {
namespace {

struct Options {
  TargetsOptions targets;
  SchemaOptions schema;
  std::string since = "7d", format;
};

void flags(Flags app, Options& options) {
  targets_flags(app, options.targets);
  schema_flags(app, options.schema);
  app.option("--since", options.since, "how far back: 12h, 7d, 4w (default: 7d)").type("AGE");
  format_flag<ReportDocument>(app, options.format, kReportFormats);
}

void add_what_the_journal_says(ReportDocument::One& one, const Work& todo) {
  const auto session = executor::connect(todo.url, todo.settings.application);
  for (const executor::RunRecord& run : one.place.status.runs)
    for (const executor::SavedFile& saved : executor::saved_files(*session, run.id)) {
      ++one.saved_files;
      one.saved_rows += saved.file.rows;
    }
  one.facts = executor::run_facts(*session);
}

support::ExitCode run(const Options& options, const ConfigOptions& config, const Console& console) {
  const auto age = fleet::age_of(options.since);
  if (!age) throw support::UsageError(fmt::format("--since {}: an age such as 12h, 7d or 4w is wanted", options.since));
  const auto now = std::chrono::system_clock::now();
  ReportDocument report{.since = iso_time(now - *age), .until = iso_time(now), .all = {}};
  const std::vector<Work> all = works(config, options.targets, options.schema, console);
  Places places = ask_all(all, console);
  for (std::size_t i = 0; i < places.size(); ++i) {
    ReportDocument::One one{.place = std::move(places[i])};
    std::erase_if(one.place.status.runs, [&](const executor::RunRecord& past) {
      return past.started < report.since && (past.finished.empty() ? !past.open() : past.finished < report.since);
    });
    if (one.place.problem.empty() && one.place.status.wrong_target.empty()) add_what_the_journal_says(one, all[i]);
    report.all.push_back(std::move(one));
  }
  print(renderer_of<ReportDocument>(kReportFormats, options.format), report, console);
  return support::ExitCode::done;
}

}  // namespace
}  // namespace command_report

constinit const Command kReport =
    command<command_report::flags, command_report::run>("report", "what was run since when, and how each environment stands");

}  // namespace lockstep::cli
