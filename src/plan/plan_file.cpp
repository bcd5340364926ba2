#include "plan/plan_file.h"

#include <algorithm>
#include <utility>

#include "plan/json.h"
#include "plan/plan_reader.h"
#include "support/digest.h"
#include "support/error.h"

namespace lockstep::plan {

namespace {

constexpr std::string_view kFormat = "lockstep-plan/1";
constexpr std::string_view kRenamedTo = "renamed to ";
constexpr int kDeepest = 32;  // levels of JSON

// A checksum over everything else in the file, independent of layout and key order, so that a note or an estimate can't be
// edited either.
std::string checksum_of(nlohmann::json document) {
  document.erase("checksum");
  return support::sha256(document.dump());
}

Json json_of(const ChangeNote& note) {
  Json json{{"sign", note.sign}, {"object", note.object}, {"detail", note.detail}, {"source", note.source}};
  json["texts"] = Json::array();
  for (const TextChange& one : note.texts) {
    json["texts"].push_back(Json{{"property", one.attribute}, {"from", one.from}, {"to", one.to}});
  }
  if (!note.becomes.empty()) json["becomes"] = note.becomes;
  if (note.transitional) json["transitional"] = true;
  return json;
}

Json json_of(const Speeds& speeds) {
  const auto whole = [](double value) { return static_cast<std::int64_t>(value); };
  return Json{{"measured", speeds.measured},        {"why_not", speeds.why_not},          {"read_bytes", whole(speeds.read)},
              {"copied_bytes", whole(speeds.copy)}, {"index_bytes", whole(speeds.index)}, {"updated_rows", whole(speeds.update)}};
}

Speeds read_speeds(const Reader& speeds) {
  const auto number = [&](const char* key) { return static_cast<double>(speeds.integer(key)); };
  return {speeds.boolean("measured"), speeds.text("why_not"), number("read_bytes"),
          number("copied_bytes"),     number("index_bytes"),  number("updated_rows")};
}

bool has_estimates(const Plan& plan) {
  return std::any_of(plan.steps.begin(), plan.steps.end(), [](const Step& step) { return !step.estimate.empty(); });
}

ChangeNote read_note(const Reader& reader) {
  ChangeNote note{reader.text("sign"), reader.text("object"), reader.text("detail"), reader.text("source"), {}};
  for (const Reader& one : reader.objects("texts")) {
    note.texts.push_back({one.text("property"), one.text("from"), one.text("to")});
  }
  note.transitional = reader.has("transitional") && reader.boolean("transitional");
  if (reader.has("becomes")) {
    note.becomes = reader.text("becomes");
  } else if (note.sign == ">" && note.detail.starts_with(kRenamedTo)) {  // the plan of an older version
    note.becomes = note.detail.substr(kRenamedTo.size());
  }
  return note;
}

void require_format(const Reader& file) {
  const std::string format = file.text("format");
  if (format == kFormat) return;
  if (format.rfind("lockstep-plan/", 0) == 0) {
    throw support::UsageError("the plan file has format \"" + format + "\", this Lockstep reads \"" + std::string(kFormat) +
                              "\": make the plan again with this version");
  }
  throw support::UsageError("not a Lockstep plan: its format is \"" + format + "\", not \"" + std::string(kFormat) + "\"");
}

[[noreturn]] void refuse_edited(const std::string& what) {
  throw support::CommandError(support::ExitCode::mismatch,
                              "the plan file was changed after it was made (its " + what +
                                  " doesn't fit its contents): nothing was run; make the plan again");
}

Plan read_plan(const Reader& file) {
  Plan plan;
  plan.tool_version = file.text("tool_version");
  plan.target = read_target(file.object("target"));
  plan.desired_fingerprint = file.text("desired_fingerprint");
  plan.proved = file.boolean("proved");
  for (const Reader& note : file.objects("changes")) plan.changes.push_back(read_note(note));
  for (const Reader& note : file.objects("values"))
    plan.values.push_back({note.text("object"), note.text("fate"), note.text("how")});
  for (const Reader& step : file.objects("steps")) plan.steps.push_back(read_step(step));
  plan.read_set = file.text_map("read_set");
  if (file.has("before")) plan.before = read_expectations(file, "before");
  plan.record = file.optional_text("record");
  if (file.has("speeds")) plan.speeds = read_speeds(file.object("speeds"));
  if (file.has("hold")) plan.hold = file.integer("hold");
  const bool purges =
      std::any_of(plan.steps.begin(), plan.steps.end(), [](const Step& step) { return step.phase == Phase::purge; });
  if (plan.hold < 0 || plan.hold > kLongestHold || purges != (plan.hold > 0))
    throw support::UsageError(
        "this plan's hold and its steps of phase purge don't fit each other: it was changed after it was made. "
        "Nothing was run; make the plan again");
  if (file.has("undoes")) {
    plan.undoes = file.object("undoes").text("run");
    plan.progress = file.object("undoes").text("progress");
  }
  plan.notes = file.texts("notes");
  for (const Reader& one : file.objects("unproved")) plan.unproved.push_back({one.text("object"), one.text("reason")});
  for (const Reader& one : file.objects("foreign_code")) plan.foreign_code.push_back({one.text("object"), one.text("message")});
  return plan;
}

}  // namespace

std::string to_json(const Plan& plan) {
  Json json;
  json["format"] = std::string(kFormat);
  json["tool_version"] = plan.tool_version;
  json["digest"] = digest(plan);
  json["target"] = json_of(plan.target);
  json["desired_fingerprint"] = plan.desired_fingerprint;
  json["proved"] = plan.proved;
  json["changes"] = Json::array();
  for (const ChangeNote& note : plan.changes) json["changes"].push_back(json_of(note));
  json["values"] = Json::array();
  for (const ValueNote& note : plan.values) {
    json["values"].push_back(Json{{"object", note.object}, {"fate", note.effect}, {"how", note.how}});
  }
  json["steps"] = Json::array();
  for (const Step& step : plan.steps) json["steps"].push_back(json_of(step, Fields::whole));
  json["read_set"] = plan.read_set;
  if (!plan.before.empty()) json["before"] = json_of(plan.before);
  if (!plan.record.empty()) json["record"] = plan.record;
  if (!plan.undoes.empty()) json["undoes"] = Json{{"run", plan.undoes}, {"progress", plan.progress}};
  if (plan.hold != 0) json["hold"] = plan.hold;
  if (has_estimates(plan)) json["speeds"] = json_of(plan.speeds);
  json["notes"] = plan.notes;
  json["unproved"] = json_of(plan.unproved);
  json["foreign_code"] = json_of(plan.foreign_code);
  json["checksum"] = checksum_of(nlohmann::json::parse(json.dump()));
  return json.dump(2) + "\n";
}

Plan from_json(std::string_view text) {
  nlohmann::json json;
  try {
    // The checksum serialises the document recursively, so its depth is limited.
    json = nlohmann::json::parse(text, [](int depth, nlohmann::json::parse_event_t, const nlohmann::json&) {
      if (depth > kDeepest) throw support::UsageError("not a Lockstep plan: it is nested more deeply than any");
      return true;
    });
  } catch (const nlohmann::json::exception& error) {
    throw support::UsageError(std::string("not a Lockstep plan: ") + error.what());
  }
  const Reader file(json, "");
  require_format(file);
  const std::string stated_digest = file.text("digest"), stated_checksum = file.text("checksum");
  Plan plan = read_plan(file);
  if (digest(plan) != stated_digest) refuse_edited("digest");
  if (checksum_of(json) != stated_checksum) refuse_edited("checksum");
  return plan;
}

}  // namespace lockstep::plan
