// The settings of a script at the present statement. A file's own SETs apply, but only those that affect definitions; other
// settings have no effect here or are refused.
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

  // A VariableSetStmt. nullopt: it was applied, or is known to have no effect.
  std::optional<SettingError> set(const nlohmann::json& fields);
  // SELECT pg_catalog.set_config('search_path', '…', false), as pg_dump writes it. False: the SelectStmt is another query.
  bool is_set_config(const nlohmann::json& select, std::optional<SettingError>& error);

  std::string statements() const;    // that set a session to this state; made from parsed values
  std::string first_schema() const;  // the schema of unqualified names; empty: unknown

 private:
  std::optional<SettingError> keep(const std::string& name, std::optional<std::string> value);
  std::string path() const;

  std::string first_path_;
  std::map<std::string, std::string> set_;
};

}  // namespace lockstep::parser
