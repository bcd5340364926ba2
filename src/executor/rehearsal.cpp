#include "executor/rehearsal.h"

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "executor/durable_file.h"
#include "executor/journal.h"

namespace lockstep::executor {

namespace {

constexpr const char* kStampFormat = "lockstep-rehearsal/1";

Json stamp_json(const Rehearsal& one) {
  return {{"by", one.by},
          {"result", one.result},
          {"files", one.files},
          {"rows", one.rows},
          {"bytes", one.bytes},
          {"milliseconds", one.milliseconds},
          {"problems", one.problems}};
}

Rehearsal stamp_from(const Json& json) {
  Rehearsal one;
  one.by = json.at("by").get<std::string>();
  one.result = json.at("result").get<std::string>();
  one.files = json.at("files").get<std::int64_t>();
  one.rows = json.at("rows").get<std::int64_t>();
  one.bytes = json.at("bytes").get<std::int64_t>();
  one.milliseconds = json.at("milliseconds").get<std::int64_t>();
  one.problems = json.at("problems").get<std::vector<std::string>>();
  return one;
}

}  // namespace

std::string to_text(const Rehearsal& rehearsal) {
  Json json{{"format", kStampFormat}, {"run", rehearsal.run}, {"at", rehearsal.at}};
  json.update(stamp_json(rehearsal));
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::optional<Rehearsal> read_stamp(const std::string& folder) {
  namespace fs = std::filesystem;
  constexpr std::uintmax_t kMost = std::uintmax_t{1} << 20U;
  const std::string path = folder + "/" + kStampName;
  std::error_code failed;
  if (!fs::is_regular_file(fs::symlink_status(path, failed)) || fs::file_size(path, failed) > kMost || failed)
    return std::nullopt;
  try {
    const Json json = Json::parse(read_file(path));
    if (json.at("format") != kStampFormat) return std::nullopt;
    Rehearsal one = stamp_from(json);
    one.run = json.at("run").get<std::string>();
    one.at = json.at("at").get<std::string>();
    return one;
  } catch (const std::exception&) {
    return std::nullopt;
  }
}

void note_rehearsed(postgres::Session& session, const Rehearsal& rehearsal) {
  postgres::Transaction transaction(session);
  Journal journal(session);
  journal.upgrade();
  journal.append(rehearsal.run, "rehearsed", "", stamp_json(rehearsal));
  transaction.commit();
}

std::vector<Rehearsal> rehearsals(postgres::Session& session) {
  std::vector<Rehearsal> list;
  if (!journal_exists(session)) return list;
  const auto rows =
      session.query("SELECT run, " + iso_timestamp("at") +
                        ", detail FROM lockstep.event WHERE kind = 'rehearsed' AND run IS NOT NULL ORDER BY id DESC",
                    {});
  for (std::size_t row = 0; row < rows.size(); ++row) {
    Rehearsal one = stamp_from(Json::parse(rows.text(row, 2)));
    one.run = rows.text(row, 0);
    one.at = rows.text(row, 1);
    list.push_back(std::move(one));
  }
  return list;
}

RehearsalAge rehearsal_age(postgres::Session& session) {
  RehearsalAge age;
  if (!journal_exists(session)) return age;
  age.saved = session.query("SELECT EXISTS (SELECT FROM lockstep.backup)", {}).boolean(0, 0);
  for (Rehearsal& one : rehearsals(session)) {
    if (one.result == "failed" && !age.failed) age.failed = one;
    if (!one.passed()) continue;
    if (age.failed) {
      age.passed = std::move(one);
      break;
    }
    age.seconds = session
                      .query(
                          "SELECT pg_catalog.floor(EXTRACT(epoch FROM pg_catalog.clock_timestamp() "
                          "OPERATOR(pg_catalog.-) $1::pg_catalog.timestamptz))::pg_catalog.int8",
                          {one.at})
                      .integer(0, 0);
    age.passed = std::move(one);
    break;
  }
  return age;
}

}  // namespace lockstep::executor
