// Reads the parts of a plan file. A missing or wrongly typed field is a UsageError that names its place ("steps[3].sql"). An
// optional field would let an editor of the file skip a check, so the only optional fields are those that older versions did
// not write: `before`, `record` and the `helpers` of a step. The digest covers them where they are present, and every step
// checks its expectations again under its lock.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "plan/json.h"

namespace lockstep::plan {

// A JSON object and its place in the file.
class Reader {
 public:
  Reader(const nlohmann::json& json, std::string place);  // throws UsageError unless `json` is an object
  bool has(const char* key) const;
  std::string text(const char* key) const;
  std::string optional_text(const char* key) const;  // empty if the field is missing
  bool boolean(const char* key) const;
  std::int64_t integer(const char* key) const;
  std::vector<std::string> texts(const char* key) const;
  std::map<std::string, std::string> text_map(const char* key) const;
  Reader object(const char* key) const;
  std::vector<Reader> objects(const char* key) const;
  [[noreturn]] void refuse(const char* key, const std::string& why) const;

 private:
  const nlohmann::json& at(const char* key) const;
  std::string place_of(const char* key) const;
  const nlohmann::json* json_;
  std::string place_;
};

Target read_target(const Reader& target);
std::vector<Expectation> read_expectations(const Reader& reader, const char* key);
Step read_step(const Reader& step);

}  // namespace lockstep::plan
