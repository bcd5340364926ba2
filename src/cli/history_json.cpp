#include <nlohmann/json.hpp>

#include "cli/history_document.h"
#include "cli/json_text.h"

namespace lockstep::cli {
namespace history_json {
namespace {

using executor::RunRecord;
using nlohmann::ordered_json;

ordered_json run_json(const RunRecord& run, const executor::RunFacts& facts) {
  const auto time = run_time(run);
  ordered_json object = {
      {"id", run.id},
      {"state", run.state},
      {"started", run.started},
      {"finished", text_or_null(run.finished)},
      {"milliseconds", time ? ordered_json(time->count()) : ordered_json(nullptr)},
      {"by", run.by},
      {"steps", run.steps},
      {"done", run.settled},
      {"plan_digest", run.plan_digest},
      {"provenance", run.provenance.empty() ? ordered_json(nullptr) : to_json(run.provenance)},
      {"error", text_or_null(run.last_error)},
      {"waits_since", text_or_null(run.waits_since)},
      {"next_phase", run.waits() ? ordered_json(std::string(plan::to_string(run.next))) : ordered_json(nullptr)}};
  add_remarks(object, run, facts);
  return object;
}

std::string all_runs(const Runs& runs, const Look&) {
  ordered_json list = ordered_json::array();
  for (const RunRecord& one : runs.all) list.push_back(run_json(one, facts_of(runs.facts, one)));
  return json_text({{"format", "lockstep-history/1"}, {"runs", std::move(list)}});
}

std::string one_run(const RunDocument& run, const Look&) {
  ordered_json document = {{"format", "lockstep-history/1"}, {"run", run_json(run.run, run.facts)}};
  document["plan"] = ordered_json::parse(run.run.plan_json);
  document["events"] = ordered_json::array();
  for (const executor::Event& event : run.events)
    document["events"].push_back({{"id", event.id},
                                  {"at", event.at},
                                  {"kind", event.kind},
                                  {"step", event.step},
                                  {"detail", ordered_json::parse(event.detail)}});
  return json_text(document);
}

}  // namespace
}  // namespace history_json

constinit const Renderer<Runs> kHistoryJson{.format = "json", .text = history_json::all_runs, .complete = true};
constinit const Renderer<RunDocument> kRunJson{.format = "json", .text = history_json::one_run, .complete = true};

}  // namespace lockstep::cli
