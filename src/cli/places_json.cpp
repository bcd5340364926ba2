#include <nlohmann/json.hpp>

#include "cli/differences.h"
#include "cli/json_text.h"
#include "cli/places.h"

namespace lockstep::cli {

using fleet::Status;
using nlohmann::ordered_json;

namespace {

ordered_json gate_json(const fleet::Gate& gate) {
  ordered_json pending = ordered_json::array();
  for (const fleet::PendingStep& step : gate.pending)
    pending.push_back({{"id", step.id},
                       {"phase", std::string(plan::to_string(step.phase))},
                       {"title", step.title},
                       {"breaking", text_or_null(step.breaking)}});
  ordered_json names = ordered_json::array();
  for (const fleet::OldName& name : gate.old_names) {
    names.push_back({{"name", name.column},
                     {"rows_written", name.writes},
                     {"seconds_since_last", name.writes == 0 ? ordered_json() : ordered_json(name.since_last.count())}});
  }
  return {{"since", gate.since},
          {"next", std::string(plan::to_string(gate.next))},
          {"pending", std::move(pending)},
          {"old_names", std::move(names)}};
}

}  // namespace

ordered_json place_json(const Place& place) {
  const Status& s = place.status;
  ordered_json json;
  json["environment"] = text_or_null(place.environment);
  json["state"] = state_word(place);
  if (!place.problem.empty()) {
    json["problem"] = place.problem;
    return json;
  }
  json["database"] = s.target.database;
  json["server_version"] = s.target.server_version;
  json["problem"] = text_or_null(s.wrong_target);
  if (!s.wrong_target.empty()) return json;
  json["journal"] = s.broken_journal.empty() ? "intact" : s.broken_journal;
  json["last_applied"] = nullptr;
  if (s.applied) json["last_applied"] = {{"run", s.applied->run}, {"at", s.applied->at}, {"fingerprint", s.applied->fingerprint}};
  json["drift"] = s.drift_known ? differences_json(s.drift) : ordered_json(nullptr);
  json["pending"] = s.pending_known ? differences_json(s.pending) : ordered_json(nullptr);
  json["left_behind"] = s.left_behind;
  json["transitional"] = s.unsound;
  json["holds"] = ordered_json::array();
  for (const fleet::Hold& hold : s.holds) {
    json["holds"].push_back({{"run", hold.run},
                             {"until", hold.until},
                             {"over", hold.over},
                             {"objects", hold.objects},
                             {"way_back_given_up", text_or_null(hold.given_up)},
                             {"error", text_or_null(hold.last_error)}});
  }
  json["open_run"] = nullptr;
  if (s.open)
    json["open_run"] = {{"id", s.open->id},
                        {"state", s.open->state},
                        {"by", s.open->by},
                        {"started", s.open->started},
                        {"steps", s.open->steps},
                        {"done", s.open->settled},
                        {"changes", differences_json(s.rollout)},
                        {"gate", s.gate ? gate_json(*s.gate) : nullptr}};
  json["also_waiting"] = ordered_json::array();
  for (const fleet::Gate& gate : s.more_gates)
    json["also_waiting"].push_back({{"id", gate.run}, {"steps", gate.steps}, {"done", gate.done}, {"gate", gate_json(gate)}});
  return json;
}

}  // namespace lockstep::cli
