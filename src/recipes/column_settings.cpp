#include "recipes/column_settings.h"

#include "support/sql_text.h"

namespace lockstep::recipes {

std::string storage_clause(const std::string& now, const std::string& wanted, int server_version) {
  constexpr int kDefaultWord = 160000;
  const std::string own = server_version >= kDefaultWord ? "DEFAULT" : now == "extended" ? "MAIN" : "EXTENDED";
  return "SET STORAGE " + (wanted.empty() ? own : wanted);
}

std::string compression_clause(const std::string& wanted) {
  return "SET COMPRESSION " + (wanted.empty() ? "default" : wanted);
}

std::string statistics_clause(const std::optional<std::int64_t>& target) {
  return "SET STATISTICS " + std::to_string(target.value_or(-1));
}

std::vector<std::string> option_clauses(const catalog::List& now, const catalog::List& wanted) {
  std::vector<std::string> clauses, gone;
  for (const auto& option : now) gone.push_back(option.substr(0, option.find('=')));
  if (!gone.empty()) clauses.push_back("RESET (" + support::join(gone, ", ") + ")");
  if (!wanted.empty()) clauses.push_back("SET (" + support::join(wanted, ", ") + ")");
  return clauses;
}

}  // namespace lockstep::recipes
