#include "kinds/foreign_options.h"

#include <algorithm>
#include <array>
#include <cctype>

#include "kinds/option_list.h"
#include "kinds/plain_steps.h"
#include "support/error.h"
#include "support/sql_text.h"

namespace lockstep::kinds {

namespace {

constexpr auto kSecretWords =
    std::to_array<std::string_view>({"pass", "secret", "token", "credential", "private", "api_key", "apikey", "access_key"});

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

void refuse_secrets(const KindSpec& kind, const Object& object) {
  for (const auto& [name, value] : options_by_name(object.get(kForeignOptions))) {
    if (!looks_secret(name)) continue;
    throw support::RefusedError(
        described(kind, object.id) + " states option " + name +
        ": its value is a secret and would stand in plans and journals. Leave it out of the file and set it "
        "by hand: " +
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
  for (const auto& option : object.get(kForeignOptions)) {
    const auto [name, value] = split_option(option);
    parts.push_back(one(name, value));
  }
  return parts.empty() ? "" : " OPTIONS (" + support::join(parts, ", ") + ")";
}

std::string foreign_options_change(const KindSpec& kind, const Object& from, const Object& to) {
  refuse_secrets(kind, to);
  const auto old_options = options_by_name(from.get(kForeignOptions));
  const auto new_options = options_by_name(to.get(kForeignOptions));
  std::vector<std::string> parts;
  for (const auto& [name, value] : new_options) {
    const auto old = old_options.find(name);
    if (old == old_options.end()) {
      parts.push_back("ADD " + one(name, value));
    } else if (old->second != value) {
      parts.push_back("SET " + one(name, value));
    }
  }
  for (const auto& [name, value] : old_options) {
    if (!new_options.contains(name)) parts.push_back("DROP " + support::quote_identifier(name));
  }
  return alter(kind, to.id) + " OPTIONS (" + support::join(parts, ", ") + ")";
}

std::string secret_names(const Object& object) {
  const auto names = object.get(kSecretOptions);
  return names.empty() ? "" : "(" + support::join(names, ", ") + ")";
}

}  // namespace lockstep::kinds
