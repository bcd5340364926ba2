#include "parser/sql_settings.h"

#include <algorithm>
#include <array>

#include "parser/literals.h"
#include "parser/script.h"
#include "parser/sql_tree.h"
#include "support/sql_text.h"

namespace lockstep::parser {

using nlohmann::json;

namespace {

// Settings that are kept (definitions depend on them), accepted with one value (Lockstep pins them), or without effect here.
constexpr auto kKept =
    std::to_array<std::string_view>({"array_nulls", "bytea_output", "datestyle", "default_table_access_method",
                                     "default_tablespace", "default_text_search_config", "default_toast_compression",
                                     "extra_float_digits", "intervalstyle", "lc_monetary", "lc_numeric", "lc_time", "search_path",
                                     "timezone", "timezone_abbreviations", "transform_null_equals", "xmlbinary", "xmloption"});
constexpr auto kWithoutEffect = std::to_array<std::string_view>(
    {"check_function_bodies", "client_min_messages", "escape_string_warning", "idle_in_transaction_session_timeout",
     "lock_timeout", "row_security", "statement_timeout", "synchronous_commit", "transaction_timeout"});
struct Pinned {
  std::string_view name;
  std::array<std::string_view, 4> values;
};
constexpr Pinned kPinned[] = {{"client_encoding", {"utf8", "utf-8", "unicode", "utf8"}},
                              {"standard_conforming_strings", {"on", "true", "1", "yes"}},
                              {"default_with_oids", {"off", "false", "0", "no"}}};

template <class Names>
bool listed(const Names& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace

SqlSettings::SqlSettings(std::string search_path) : first_path_(std::move(search_path)) {
  if (first_path_.empty()) first_path_ = "\"$user\", public";
}

std::string SqlSettings::path() const {
  const auto found = set_.find("search_path");
  return found == set_.end() ? first_path_ : found->second;
}

std::string SqlSettings::statements() const {
  std::string text(kNoSettings.text());
  const auto set = [&](std::string_view name, std::string_view value) {
    text += "SELECT pg_catalog.set_config(" + support::quote_literal(name) + ", " + support::quote_literal(value) + ", false);\n";
  };
  set("search_path", path());
  for (const auto& [name, value] : set_) {
    if (name != "search_path") set(name, value);
  }
  return text;
}

std::string SqlSettings::first_schema() const {
  const std::string list = path();
  for (std::size_t from = 0; from <= list.size();) {
    const std::size_t comma = std::min(list.find(',', from), list.size());
    const std::string name = fold_name(trim(std::string_view(list).substr(from, comma - from)));
    if (!name.empty() && name != "$user" && name != "pg_catalog") return name;
    from = comma + 1;
  }
  return {};
}

std::optional<SettingError> SqlSettings::keep(const std::string& name, std::optional<std::string> value) {
  if (listed(kWithoutEffect, name)) return std::nullopt;
  for (const Pinned& pinned : kPinned) {
    if (pinned.name != name) continue;
    if (!value || listed(pinned.values, lower_case(*value))) return std::nullopt;
    return SettingError{name + " can't be " + *value + " here",
                        "the file is read as UTF-8, with standard strings and without oids"};
  }
  if (!listed(kKept, name)) {
    return SettingError{"the setting " + name + " can't be set in a desired state",
                        "leave it out: its effect would depend on who reads the file"};
  }
  if (value) {
    set_[name] = *value;
  } else {
    set_.erase(name);
  }
  return std::nullopt;
}

std::optional<SettingError> SqlSettings::set(const json& fields) {
  const std::string kind = text_at(fields, "kind"), name = lower_case(text_at(fields, "name"));
  if (true_at(fields, "is_local"))
    return SettingError{"SET LOCAL has no meaning here: statements are not run in one transaction", "write SET"};
  if (kind == "VAR_RESET_ALL") {
    set_.clear();
    return std::nullopt;
  }
  if (kind == "VAR_SET_DEFAULT" || kind == "VAR_RESET") return keep(name, std::nullopt);
  if (name == "role" || name == "session_authorization")
    return SettingError{"everything is made by one role: it can't be changed in a desired state",
                        "say owners by ALTER … OWNER TO"};
  if (kind != "VAR_SET_VALUE")
    return SettingError{"this is about a session, not about what the database shall be", "leave it out"};
  std::vector<std::string> values;
  for (const json& argument : at(fields, "args")) {
    const auto value = constant_of(argument);
    if (!value) return SettingError{"the value of " + name + " is not a constant", "write the value itself"};
    values.push_back(*value);
  }
  return keep(name, name == "search_path" ? support::identifier_list(values) : support::join(values, ", "));
}

bool SqlSettings::is_set_config(const json& select, std::optional<SettingError>& error) {
  for (const auto& item : select.items()) {
    if (item.key() != "targetList" && item.key() != "limitOption" && item.key() != "op") return false;
  }
  const json& targets = at(select, "targetList");
  if (targets.size() != 1) return false;
  const json& call = at(at(at(targets[0], "ResTarget"), "val"), "FuncCall");
  const std::vector<std::string> name = strings_of(at(call, "funcname"));
  const json& arguments = at(call, "args");
  if (name.empty() || name.back() != "set_config" || (name.size() == 2 && name[0] != "pg_catalog") || arguments.size() != 3)
    return false;
  const auto setting = constant_of(arguments[0]), value = constant_of(arguments[1]), local = constant_of(arguments[2]);
  if (!setting || !value || local != "off") return false;
  error = keep(lower_case(*setting), *value);
  return true;
}

}  // namespace lockstep::parser
