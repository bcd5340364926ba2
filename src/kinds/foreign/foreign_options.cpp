#include "kinds/foreign/foreign_options.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <iterator>
#include <set>

#include "catalog/keys.h"
#include "kinds/printing/option_list.h"
#include "kinds/printing/plain_steps.h"
#include "kinds/registry.h"
#include "support/error.h"
#include "support/sql_text.h"

namespace lockstep::kinds {

namespace {

constexpr auto kSecretWords = std::to_array<std::string_view>(
    {"pass", "pwd", "secret", "token", "credential", "private", "api_key", "apikey", "access_key"});

std::string secret_pattern() {
  std::vector<std::string> words(kSecretWords.begin(), kSecretWords.end());
  return support::quote_literal(support::join(words, "|"));
}

bool looks_secret(std::string name) {
  std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return std::any_of(kSecretWords.begin(), kSecretWords.end(),
                     [&](std::string_view word) { return name.find(word) != std::string::npos; });
}

std::string one(const std::string& name, const std::string& value) {
  return support::quote_identifier(name) + " " + support::quote_literal(value);
}

// Whether the option is only named, and so managed elsewhere.
bool is_unvalued(const std::string& option) {
  return option.find('=') == std::string::npos;
}

std::set<std::string> unvalued(const List& options) {
  std::set<std::string> names;
  std::copy_if(options.begin(), options.end(), std::inserter(names, names.end()), is_unvalued);
  return names;
}

void refuse_secrets(const KindSpec& kind, const Object& object) {
  for (const auto& option : object.get(keys::kOptions)) {
    const std::string name = split_option(option).first;
    if (is_unvalued(option) || !looks_secret(name)) continue;
    throw support::RefusedError(
        described(kind, object.id) + " states the value of option " + name +
        ": it is a secret and would be written to plans and journals. Name the option without a value and set it by hand: " +
        alter(kind, object.id) + " OPTIONS (ADD " + support::quote_identifier(name) + " '…');");
  }
}

}  // namespace

std::string foreign_options_sql(std::string_view column) {
  return "(SELECT array_agg(o ORDER BY o) FROM unnest(" + std::string(column) + ") o WHERE split_part(o, '=', 1) !~* " +
         secret_pattern() + ")";
}

std::string secret_names_sql(std::string_view column) {
  return "(SELECT array_agg(split_part(o, '=', 1) ORDER BY o) FROM unnest(" + std::string(column) +
         ") o WHERE split_part(o, '=', 1) ~* " + secret_pattern() + ")";
}

std::string foreign_options_clause(const KindSpec& kind, const Object& object) {
  refuse_secrets(kind, object);
  std::vector<std::string> parts;
  for (const auto& option : object.get(keys::kOptions)) {
    const auto [name, value] = split_option(option);
    if (!is_unvalued(option)) parts.push_back(one(name, value));
  }
  return parts.empty() ? "" : " OPTIONS (" + support::join(parts, ", ") + ")";
}

std::string foreign_options_change(const KindSpec& kind, const Object& from, const Object& to) {
  refuse_secrets(kind, to);
  const auto old_options = options_by_name(from.get(keys::kOptions));
  const auto new_options = options_by_name(to.get(keys::kOptions));
  const auto elsewhere = unvalued(to.get(keys::kOptions)), left = unvalued(from.get(keys::kOptions));
  std::vector<std::string> parts;
  for (const auto& [name, value] : new_options) {
    if (elsewhere.contains(name)) continue;
    const auto old = old_options.find(name);
    if (old == old_options.end()) {
      parts.push_back("ADD " + one(name, value));
    } else if (old->second != value) {
      parts.push_back("SET " + one(name, value));
    }
  }
  for (const auto& [name, value] : old_options) {
    if (!new_options.contains(name) && !left.contains(name)) parts.push_back("DROP " + support::quote_identifier(name));
  }
  return alter(kind, to.id) + " OPTIONS (" + support::join(parts, ", ") + ")";
}

Object with_secret_names(const Object& object) {
  Object named = object;
  List options = object.get(keys::kOptions);
  const List secrets = object.get(kSecretOptions);
  options.insert(options.end(), secrets.begin(), secrets.end());
  if (!options.empty()) named.set(keys::kOptions.name, std::move(options));
  return named;
}

std::string left_to_others(const Object& object) {
  const auto names = unvalued(with_secret_names(object).get(keys::kOptions));
  if (names.empty()) return {};
  return " without its options (" + support::join({names.begin(), names.end()}, ", ") + "): set them by hand";
}

void keep_unvalued(Object& desired, const Object& declared) {
  if (attribute(of(desired.id), kSecretOptions.name) == nullptr || !declared.has(keys::kOptions)) return;
  const auto names = unvalued(declared.get(keys::kOptions));
  if (names.empty()) return;
  List options = desired.get(keys::kOptions);
  std::erase_if(options, [&](const auto& option) { return names.contains(split_option(option).first); });
  options.insert(options.end(), names.begin(), names.end());
  desired.set(keys::kOptions.name, std::move(options));
}

bool alike_but_unvalued(const ObjectId& id, std::string_view name, const catalog::Value& from, const catalog::Value& to) {
  if (name != keys::kOptions.name || attribute(of(id), kSecretOptions.name) == nullptr) return false;
  const auto list = [](const catalog::Value& value) { return catalog::is_absent(value) ? List{} : std::get<List>(value); };
  const auto names = unvalued(list(to));
  const auto valued = [&](List options) {
    std::erase_if(options, [&](const auto& option) { return names.contains(split_option(option).first); });
    std::sort(options.begin(), options.end());
    return options;
  };
  return !names.empty() && valued(list(from)) == valued(list(to));
}

std::string secret_names(const Object& object) {
  const auto names = object.get(kSecretOptions);
  return names.empty() ? "" : "(" + support::join(names, ", ") + ")";
}

}  // namespace lockstep::kinds
