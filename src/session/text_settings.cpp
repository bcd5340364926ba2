#include "session/text_settings.h"

#include <algorithm>
#include <array>

#include "support/sql_text.h"

namespace lockstep::postgres {
namespace {

struct Setting {
  const char* name;
  const char* pinned;
  // affects what a literal becomes while a statement is parsed, which text printed under pinned settings relies on
  bool parsing = false;
};

constexpr std::array kSettings = std::to_array<Setting>({
    {"TimeZone", "UTC"},
    {"timezone_abbreviations", "Default"},
    {"DateStyle", "ISO, MDY"},
    {"IntervalStyle", "postgres"},
    {"extra_float_digits", "3"},
    {"bytea_output", "hex"},
    {"xmlbinary", "base64"},
    {"xmloption", "content", true},
    {"array_nulls", "on", true},
    {"transform_null_equals", "off", true},
    {"lc_monetary", "C", true},
    {"lc_numeric", "C"},
    {"lc_time", "C"},
});

// Nothing that is printed depends on it, and its value names an object that a scratch database may not have, so a session keeps
// its own value.
constexpr const char* kSearch = "default_text_search_config";

constexpr std::string_view kKey = "setting ";

}  // namespace

TextSettings pinned_text_settings() {
  TextSettings settings;
  for (const Setting& setting : kSettings) settings[setting.name] = setting.pinned;
  return settings;
}

TextSettings own_text_settings(Session& session) {
  std::vector<std::string> names = {kSearch};
  for (const Setting& setting : kSettings) names.emplace_back(setting.name);
  const Result rows =
      session.execute("SELECT name, reset_val FROM pg_catalog.pg_settings WHERE name IN (" + support::Sql::literals(names) + ")");
  TextSettings settings;
  for (std::size_t row = 0; row < rows.size(); ++row) settings[rows.text(row, 0)] = rows.text(row, 1);
  return settings;
}

support::Sql set_text_settings(const TextSettings& settings, bool local) {
  using support::Sql;
  Sql sql = "";
  for (const auto& [name, value] : settings) {
    sql += (sql.empty() ? Sql("SELECT ") : Sql(", ")) + "pg_catalog.set_config(" + Sql::literal(name) + ", " +
           Sql::literal(value) + (local ? Sql(", true)") : Sql(", false)"));
  }
  return sql;
}

support::Sql reset_text_settings() {
  support::Sql sql = "";
  for (const auto& [name, value] : pinned_text_settings()) sql += "RESET " + support::Sql::identifier(name) + ";\n";
  return sql;
}

TextSettings text_settings_of(const plan::Step& step, const TextSettings& own) {
  TextSettings settings = own;
  settings.erase(kSearch);  // never pinned
  if (step.converts || step.mode == plan::TransactionMode::batches) return settings;
  for (const Setting& setting : kSettings) {
    const auto found = settings.find(setting.name);
    if (setting.parsing && found != settings.end()) found->second = setting.pinned;
  }
  return settings;
}

void remember_text_settings(const TextSettings& own, std::map<std::string, std::string>& read_set) {
  for (const auto& [name, value] : own) read_set[std::string(kKey) + name] = value;
}

TextSettings remembered_text_settings(const std::map<std::string, std::string>& read_set) {
  TextSettings settings;
  for (auto at = read_set.lower_bound(std::string(kKey)); at != read_set.end() && names_text_setting(at->first); ++at) {
    settings[at->first.substr(kKey.size())] = at->second;
  }
  return settings;
}

bool names_text_setting(std::string_view read_set_key) {
  return read_set_key.starts_with(kKey);
}

}  // namespace lockstep::postgres
