// The settings of a script at the statement being read. A file obeys its own SETs, and only those that definitions are read
// under: what else a session can be told is either without effect here or refused.
#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

namespace lockstep::parser {

struct SettingError {
  std::string message, hint;
};

class SqlSettings {
 public:
  explicit SqlSettings(std::string search_path);

  // A VariableSetStmt. nullopt: obeyed, or known to be without effect.
  std::optional<SettingError> set(const nlohmann::json& fields);
  // SELECT pg_catalog.set_config('search_path', '…', false), as pg_dump writes it; false: the SelectStmt is another query.
  bool is_set_config(const nlohmann::json& select, std::optional<SettingError>& error);

  std::string statements() const;    // that bring a session here; made from parsed values
  std::string first_schema() const;  // where an unqualified name goes; empty: can't be told

 private:
  std::optional<SettingError> keep(const std::string& name, std::optional<std::string> value);
  std::string path() const;

  std::string first_path_;
  std::map<std::string, std::string> set_;
};

}  // namespace lockstep::parser
