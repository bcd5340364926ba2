#include "plan/plan_reader.h"

#include <limits>

#include "plan/phase_name.h"
#include "support/error.h"

namespace lockstep::plan {

Reader::Reader(const nlohmann::json& json, std::string place) : json_(&json), place_(std::move(place)) {
  if (!json.is_object()) {
    throw support::UsageError("not a Lockstep plan: " + (place_.empty() ? std::string("it") : place_) + " is not an object");
  }
}

std::string Reader::place_of(const char* key) const {
  return place_.empty() ? key : place_ + "." + key;
}

void Reader::refuse(const char* key, const std::string& why) const {
  throw support::UsageError("not a Lockstep plan: " + place_of(key) + " " + why);
}

bool Reader::has(const char* key) const {
  return json_->contains(key);
}

const nlohmann::json& Reader::at(const char* key) const {
  const auto found = json_->find(key);
  if (found == json_->end()) refuse(key, "is missing");
  return *found;
}

std::string Reader::text(const char* key) const {
  if (!at(key).is_string()) refuse(key, "is not a text");
  return at(key).get<std::string>();
}

std::string Reader::optional_text(const char* key) const {
  return has(key) ? text(key) : std::string();
}

bool Reader::boolean(const char* key) const {
  if (!at(key).is_boolean()) refuse(key, "is neither true nor false");
  return at(key).get<bool>();
}

std::int64_t Reader::integer(const char* key) const {
  const nlohmann::json& value = at(key);
  const bool fits = value.is_number_integer() &&
                    (!value.is_number_unsigned() || value.get<std::uint64_t>() <= std::numeric_limits<std::int64_t>::max());
  if (!fits) refuse(key, "is not a whole number");
  return value.get<std::int64_t>();
}

std::vector<std::string> Reader::texts(const char* key) const {
  const nlohmann::json& list = at(key);
  if (!list.is_array()) refuse(key, "is not a list");
  std::vector<std::string> result;
  for (const nlohmann::json& item : list) {
    if (!item.is_string()) refuse(key, "holds something that is not a text");
    result.push_back(item.get<std::string>());
  }
  return result;
}

std::map<std::string, std::string> Reader::text_map(const char* key) const {
  const nlohmann::json& map = at(key);
  if (!map.is_object()) refuse(key, "is not an object");
  std::map<std::string, std::string> result;
  for (const auto& [name, value] : map.items()) {
    if (!value.is_string()) refuse(key, "holds something that is not a text");
    result[name] = value.get<std::string>();
  }
  return result;
}

Reader Reader::object(const char* key) const {
  return Reader(at(key), place_of(key));
}

std::vector<Reader> Reader::objects(const char* key) const {
  const nlohmann::json& list = at(key);
  if (!list.is_array()) refuse(key, "is not a list");
  std::vector<Reader> result;
  for (std::size_t index = 0; index < list.size(); ++index) {
    result.emplace_back(list[index], place_of(key) + "[" + std::to_string(index) + "]");
  }
  return result;
}

namespace {

LockMode read_mode(const Reader& reader, const char* key) {
  const auto mode = lock_mode_from(reader.text(key));
  if (!mode) reader.refuse(key, "is no lock mode");
  return *mode;
}

Phase read_phase(const Reader& step) {
  const auto phase = phase_named(step.text("phase"));
  if (!phase) step.refuse("phase", "is no phase");
  return *phase;
}

TransactionMode read_transaction_mode(const Reader& step) {
  const std::string text = step.text("mode");
  for (const TransactionMode mode : {TransactionMode::inside, TransactionMode::outside, TransactionMode::batches}) {
    if (text == to_string(mode)) return mode;
  }
  step.refuse("mode", "is no transaction mode");
}

std::vector<catalog::ObjectId> read_ids(const Reader& step, const char* key) {
  std::vector<catalog::ObjectId> ids;
  for (const Reader& id : step.objects(key)) ids.push_back({catalog::intern_kind(id.text("kind")), id.texts("path")});
  return ids;
}

Helper read_helper(const Reader& reader) {
  const std::string change = reader.text("change");
  if (change != "made" && change != "taken") reader.refuse("change", "is neither made nor taken");
  return {change == "made" ? Helper::Change::made : Helper::Change::taken,
          reader.text("role"),
          reader.text("type"),
          reader.texts("names"),
          reader.texts("subject"),
          reader.text("undo")};
}

int read_int(const Reader& reader, const char* key) {
  const std::int64_t value = reader.integer(key);
  if (value < 0 || value > std::numeric_limits<int>::max()) reader.refuse(key, "is out of range");
  return static_cast<int>(value);
}

}  // namespace

Target read_target(const Reader& target) {
  return {target.text("system_identifier"), target.text("database"), target.integer("database_oid"),
          read_int(target, "server_version")};
}

std::vector<Expectation> read_expectations(const Reader& reader, const char* key) {
  std::vector<Expectation> list;
  for (const Reader& one : reader.objects(key))
    list.push_back({one.text("relation"), read_mode(one, "lock"), one.texts("shape")});
  return list;
}

Step read_step(const Reader& reader) {
  Step step;
  step.id = reader.text("id");
  step.phase = read_phase(reader);
  step.title = reader.text("title");
  step.source = reader.text("source");
  step.sql = reader.texts("sql");
  step.mode = read_transaction_mode(reader);
  step.search_path = reader.texts("search_path");
  step.lock = read_mode(reader, "lock");
  for (const Reader& lock : reader.objects("locks")) step.locks.push_back({lock.text("relation"), read_mode(lock, "mode")});
  step.rewrites = reader.boolean("rewrites");
  step.scans = reader.boolean("scans");
  step.builds = reader.boolean("builds");
  step.bytes = reader.integer("bytes");
  step.produces = read_ids(reader, "produces");
  step.destroys = read_ids(reader, "destroys");
  step.consumes = read_ids(reader, "consumes");
  if (reader.has("renames")) step.renames = reader.boolean("renames");
  if (reader.has("helpers")) {
    for (const Reader& helper : reader.objects("helpers")) step.helpers.push_back(read_helper(helper));
  }
  if (reader.has("estimate")) {
    const Reader estimate = reader.object("estimate");
    step.estimate = {estimate.integer("seconds_least"), estimate.integer("seconds_most"), estimate.integer("disk_bytes"),
                     estimate.integer("wal_bytes")};
  }
  if (reader.has("limits")) {
    for (const Reader& limit : reader.objects("limits"))
      step.limits.push_back({limit.text("relation"), limit.integer("bytes"), limit.integer("most")});
  }
  step.expects = read_expectations(reader, "expects");
  for (const Reader& loss : reader.objects("losses")) {
    step.losses.push_back({loss.text("hazard"), loss.text("object"), loss.text("what"), loss.text("relation"), loss.text("query"),
                           loss.text("hidden")});
  }
  for (const Reader& check : reader.objects("checks")) {
    step.checks.push_back({check.text("rule"), check.text("count"), check.text("sample"), check.boolean("upfront")});
    if (!check.has("row_by_row")) continue;
    const Reader rows = check.object("row_by_row");
    step.checks.back().row_by_row = {rows.text("schema"), rows.text("table"), rows.text("condition"), rows.text("shown")};
  }
  step.postcheck = reader.text("postcheck");
  step.repair = reader.text("repair");
  if (step.mode == TransactionMode::batches) {
    const Reader batches = reader.object("batches");
    step.batches.schema = batches.text("schema");
    step.batches.table = batches.text("table");
    step.batches.assignment = batches.text("assignment");
    step.batches.pending = batches.text("pending");
  }
  step.breaking = reader.text("breaking");
  for (const Reader& one : reader.objects("consequences")) {
    step.consequences.push_back({one.text("hazard"), one.text("object"), one.text("message")});
  }
  step.converts = reader.boolean("converts");
  if (reader.has("undo")) {
    const Reader undo = reader.object("undo");
    for (const Reader& one : undo.objects("steps")) {
      if (one.has("undo")) one.refuse("undo", "belongs to a step that is an undo itself");
      step.undo.steps.push_back(read_step(one));
    }
    if (undo.has("lost")) step.undo.lost = undo.texts("lost");
    step.undo.refused = undo.optional_text("refused");
  }
  return step;
}

}  // namespace lockstep::plan
