#include "executor/manifest.h"

#include <nlohmann/json.hpp>
#include <stdexcept>

#include "support/digest.h"

namespace lockstep::executor {

namespace {

using Json = nlohmann::ordered_json;
constexpr const char* kFormat = "lockstep-backup/1";

Json json_of(const BackupFile& file) {
  Json json{{"file", file.file}, {"contents", file.contents}};
  if (file.contents == "rows") {
    json["step"] = file.step;
    json["object"] = file.object;
    json["what"] = file.what;
    json["relation"] = file.relation;
    json["query"] = file.query;
    json["columns"] = Json::array();
    for (const BackupColumn& column : file.columns) json["columns"].push_back(Json{{"name", column.name}, {"type", column.type}});
    json["encoding"] = "UTF8";
    json["compression"] = "zstd";
    json["rows"] = file.rows;
  }
  json["raw_bytes"] = file.raw_bytes;
  json["stored_bytes"] = file.stored_bytes;
  json["raw_sha256"] = file.raw_sha256;
  json["stored_sha256"] = file.stored_sha256;
  return json;
}

// A name from the file becomes a path, so it must not lead out of the folder.
std::string plain_name(const std::string& name) {
  if (name.empty() || name.front() == '.' || name.find('/') != std::string::npos)
    throw std::runtime_error("bad file name " + name);
  return name;
}

BackupFile file_from(const Json& json) {
  BackupFile file;
  file.file = plain_name(json.at("file").get<std::string>());
  file.contents = json.at("contents").get<std::string>();
  if (file.contents == "rows") {
    file.step = json.at("step").get<std::string>();
    file.object = json.at("object").get<std::string>();
    file.what = json.at("what").get<std::string>();
    file.relation = json.at("relation").get<std::string>();
    file.query = json.at("query").get<std::string>();
    for (const Json& column : json.at("columns")) {
      file.columns.push_back({column.at("name").get<std::string>(), column.at("type").get<std::string>()});
    }
    file.rows = json.at("rows").get<std::int64_t>();
  }
  file.raw_bytes = json.at("raw_bytes").get<std::int64_t>();
  file.stored_bytes = json.at("stored_bytes").get<std::int64_t>();
  file.raw_sha256 = json.at("raw_sha256").get<std::string>();
  file.stored_sha256 = json.at("stored_sha256").get<std::string>();
  return file;
}

}  // namespace

std::string to_json(const Manifest& manifest) {
  Json json{{"format", kFormat},
            {"run", manifest.run},
            {"started", manifest.started},
            {"database", manifest.database},
            {"server_version", manifest.server_version},
            {"tool_version", manifest.tool_version},
            {"plan_digest", manifest.plan_digest}};
  json["files"] = Json::array();
  for (const BackupFile& file : manifest.files) json["files"].push_back(json_of(file));
  json["digest"] = support::sha256(json.dump());
  return json.dump(2) + "\n";
}

std::string entry_digest(const BackupFile& file) {
  return support::sha256(json_of(file).dump());
}

Manifest manifest_from_json(const std::string& text) {
  Json json = Json::parse(text);
  if (json.at("format").get<std::string>() != kFormat) throw std::runtime_error("its format is not " + std::string(kFormat));
  const std::string stated = json.at("digest").get<std::string>();
  json.erase("digest");
  if (support::sha256(json.dump()) != stated) throw std::runtime_error("it was changed after it was written");
  Manifest manifest;
  manifest.run = json.at("run").get<std::string>();
  manifest.started = json.at("started").get<std::string>();
  manifest.database = json.at("database").get<std::string>();
  manifest.server_version = json.at("server_version").get<int>();
  manifest.tool_version = json.at("tool_version").get<std::string>();
  manifest.plan_digest = json.at("plan_digest").get<std::string>();
  for (const Json& file : json.at("files")) manifest.files.push_back(file_from(file));
  return manifest;
}

}  // namespace lockstep::executor
