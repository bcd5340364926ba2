#include <nlohmann/json.hpp>

#include "cli/json_text.h"
#include "cli/report_document.h"

namespace lockstep::cli {
namespace report_json {
namespace {

using nlohmann::ordered_json;

std::string text_of(const ReportDocument& report, const Look&) {
  ordered_json list = ordered_json::array();
  for (const ReportDocument::One& one : report.all) {
    ordered_json place = place_json(one.place);
    place["runs"] = ordered_json::array();
    for (const executor::RunRecord& run : one.place.status.runs) {
      place["runs"].push_back({{"id", run.id},
                               {"state", run.state},
                               {"started", run.started},
                               {"by", run.by},
                               {"steps", run.steps},
                               {"done", run.settled},
                               {"provenance", to_json(run.provenance)},
                               {"error", text_or_null(run.last_error)}});
      add_remarks(place["runs"].back(), run, facts_of(one.facts, run));
    }
    place["saved"] = {{"files", one.saved_files}, {"rows", one.saved_rows}};
    place["rehearsal"] = nullptr;  // the last one that passed
    if (const auto& last = one.place.status.rehearsal.passed)
      place["rehearsal"] = {{"run", last->run},
                            {"at", last->at},
                            {"by", last->by},
                            {"rows", last->rows},
                            {"milliseconds", last->milliseconds},
                            {"age_seconds", *one.place.status.rehearsal.seconds}};
    list.push_back(std::move(place));
  }
  return json_text(
      {{"format", "lockstep-report/1"}, {"since", report.since}, {"until", report.until}, {"databases", std::move(list)}});
}

}  // namespace
}  // namespace report_json

constinit const Renderer<ReportDocument> kReportJson{.format = "json", .text = report_json::text_of, .complete = true};

}  // namespace lockstep::cli
