#include <nlohmann/json.hpp>

#include "cli/json_text.h"
#include "cli/places.h"

namespace lockstep::cli {
namespace status_json {
namespace {

using nlohmann::ordered_json;

ordered_json run_json(const fleet::Status& status) {
  if (status.runs.empty()) return nullptr;
  const executor::RunRecord& run = status.runs.front();
  return {{"id", run.id},
          {"state", run.state},
          {"started", run.started},
          {"finished", run.finished},
          {"by", run.by},
          {"steps", run.steps},
          {"done", run.settled},
          {"plan_digest", run.plan_digest},
          {"error", run.last_error},
          {"waits_since", text_or_null(run.waits_since)}};
}

std::string text_of(const Places& places, const Look&) {
  ordered_json list = ordered_json::array();
  for (const Place& place : places) {
    list.push_back(place_json(place));
    if (place.problem.empty()) list.back()["last_run"] = run_json(place.status);
  }
  return json_text({{"format", "lockstep-status/1"}, {"databases", std::move(list)}});
}

}  // namespace
}  // namespace status_json

constinit const Renderer<Places> kStatusJson{.format = "json", .text = status_json::text_of, .complete = true};

}  // namespace lockstep::cli
