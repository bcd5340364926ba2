#include "kinds/printing/option_list.h"

#include <algorithm>

#include "support/sql_text.h"

namespace lockstep::kinds {

namespace {

using catalog::List;

// Whether the value reads back as the same text without quotes: a number or a plain word.
bool is_plain(const std::string& value) {
  const auto all = [&](auto predicate) { return std::all_of(value.begin(), value.end(), predicate); };
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  const auto is_word = [](char c) { return (c >= 'a' && c <= 'z') || c == '_'; };
  if (value.empty()) return false;
  if (all(is_word)) return true;
  return is_digit(value.front()) && is_digit(value.back()) && all([&](char c) { return is_digit(c) || c == '.'; }) &&
         std::count(value.begin(), value.end(), '.') <= 1;
}

// "toast.autovacuum_enabled" keeps its dot.
std::string option_name(const std::string& name) {
  const auto dot = name.find('.');
  if (dot == std::string::npos || dot == 0 || dot + 1 == name.size()) return support::quote_identifier(name);
  return support::qualified(name.substr(0, dot), name.substr(dot + 1));
}

}  // namespace

std::pair<std::string, std::string> split_option(const std::string& option) {
  const auto equals = option.find('=');
  if (equals == std::string::npos) return {option, {}};
  return {option.substr(0, equals), option.substr(equals + 1)};
}

std::string options_text(const List& options) {
  std::vector<std::string> parts;
  for (const auto& option : options) {
    const auto [name, value] = split_option(option);
    const bool bare = option.find('=') == std::string::npos;  // a boolean that is on
    parts.push_back(option_name(name) + (bare ? "" : " = " + (is_plain(value) ? value : support::quote_literal(value))));
  }
  return support::join(parts, ", ");
}

std::map<std::string, std::string> options_by_name(const List& options) {
  std::map<std::string, std::string> found;
  for (const auto& option : options) found.insert(split_option(option));
  return found;
}

std::vector<std::string> option_actions(const List& from, const List& to) {
  const auto old_options = options_by_name(from);
  const auto new_options = options_by_name(to);
  List set;
  for (const auto& option : to) {
    const auto [name, value] = split_option(option);
    const auto old = old_options.find(name);
    if (old == old_options.end() || old->second != value) set.push_back(option);
  }
  std::vector<std::string> reset;
  for (const auto& [name, value] : old_options) {
    if (!new_options.contains(name)) reset.push_back(option_name(name));
  }
  std::vector<std::string> actions;
  if (!set.empty()) actions.push_back("SET (" + options_text(set) + ")");
  if (!reset.empty()) actions.push_back("RESET (" + support::join(reset, ", ") + ")");
  return actions;
}

}  // namespace lockstep::kinds
