#include "support/sql_text.h"

#include <algorithm>
#include <array>

namespace lockstep::support {
namespace {

// Keywords that some PostgreSQL from 14 to 18 does not accept unquoted everywhere (column-name, type-name and reserved ones).
// Taken from pg_get_keywords(); sorted.
constexpr std::array kKeywords = std::to_array<std::string_view>({
    "all",
    "analyse",
    "analyze",
    "and",
    "any",
    "array",
    "as",
    "asc",
    "asymmetric",
    "authorization",
    "between",
    "bigint",
    "binary",
    "bit",
    "boolean",
    "both",
    "case",
    "cast",
    "char",
    "character",
    "check",
    "coalesce",
    "collate",
    "collation",
    "column",
    "concurrently",
    "constraint",
    "create",
    "cross",
    "current_catalog",
    "current_date",
    "current_role",
    "current_schema",
    "current_time",
    "current_timestamp",
    "current_user",
    "dec",
    "decimal",
    "default",
    "deferrable",
    "desc",
    "distinct",
    "do",
    "else",
    "end",
    "except",
    "exists",
    "extract",
    "false",
    "fetch",
    "float",
    "for",
    "foreign",
    "freeze",
    "from",
    "full",
    "grant",
    "greatest",
    "group",
    "grouping",
    "having",
    "ilike",
    "in",
    "initially",
    "inner",
    "inout",
    "int",
    "integer",
    "intersect",
    "interval",
    "into",
    "is",
    "isnull",
    "join",
    "json",
    "json_array",
    "json_arrayagg",
    "json_exists",
    "json_object",
    "json_objectagg",
    "json_query",
    "json_scalar",
    "json_serialize",
    "json_table",
    "json_value",
    "lateral",
    "leading",
    "least",
    "left",
    "like",
    "limit",
    "localtime",
    "localtimestamp",
    "merge_action",
    "national",
    "natural",
    "nchar",
    "none",
    "normalize",
    "not",
    "notnull",
    "null",
    "nullif",
    "numeric",
    "offset",
    "on",
    "only",
    "or",
    "order",
    "out",
    "outer",
    "overlaps",
    "overlay",
    "placing",
    "position",
    "precision",
    "primary",
    "real",
    "references",
    "returning",
    "right",
    "row",
    "select",
    "session_user",
    "setof",
    "similar",
    "smallint",
    "some",
    "substring",
    "symmetric",
    "system_user",
    "table",
    "tablesample",
    "then",
    "time",
    "timestamp",
    "to",
    "trailing",
    "treat",
    "trim",
    "true",
    "union",
    "unique",
    "user",
    "using",
    "values",
    "varchar",
    "variadic",
    "verbose",
    "when",
    "where",
    "window",
    "with",
    "xmlattributes",
    "xmlconcat",
    "xmlelement",
    "xmlexists",
    "xmlforest",
    "xmlnamespaces",
    "xmlparse",
    "xmlpi",
    "xmlroot",
    "xmlserialize",
    "xmltable",
});
static_assert(std::is_sorted(kKeywords.begin(), kKeywords.end()));

// ASCII only: any other letter is quoted, independent of the locale.
bool plain_word(std::string_view name) {
  const auto start = [](char c) { return (c >= 'a' && c <= 'z') || c == '_'; };
  const auto rest = [&](char c) { return start(c) || (c >= '0' && c <= '9'); };
  return !name.empty() && start(name.front()) && std::all_of(name.begin(), name.end(), rest);
}

std::string doubled(std::string_view text, char quote) {
  std::string result;
  result.reserve(text.size() + 2);
  result += quote;
  for (const char c : text) {
    if (c == quote) result += quote;
    result += c;
  }
  result += quote;
  return result;
}

}  // namespace

std::string quote_identifier(std::string_view name) {
  if (plain_word(name) && !std::binary_search(kKeywords.begin(), kKeywords.end(), name)) return std::string(name);
  return doubled(name, '"');
}

std::string qualified(const std::vector<std::string>& path) {
  std::string result;
  for (const std::string& part : path) {
    if (!result.empty()) result += '.';
    result += quote_identifier(part);
  }
  return result;
}

std::string qualified(std::string_view schema, std::string_view name) {
  return quote_identifier(schema) + '.' + quote_identifier(name);
}

std::string quote_literal(std::string_view text) {
  return doubled(text, '\'');
}

std::string dollar_quote(std::string_view text) {
  std::string tag = "$$";
  for (int attempt = 0;; ++attempt) {
    // A text that ends in "$" would end the quote early, so the tag is searched in the text together with the closing tag.
    if ((std::string(text) + tag).find(tag) == text.size()) break;
    std::string word;
    for (int rest = attempt;; rest = rest / 26 - 1) {
      word.insert(word.begin(), static_cast<char>('a' + rest % 26));
      if (rest < 26) break;
    }
    tag = '$' + word + '$';
  }
  return tag + std::string(text) + tag;
}

std::string join(const std::vector<std::string>& parts, std::string_view separator) {
  std::string result;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (i > 0) result += separator;
    result += parts[i];
  }
  return result;
}

std::string identifier_list(const std::vector<std::string>& names) {
  std::vector<std::string> quoted;
  quoted.reserve(names.size());
  for (const std::string& name : names) quoted.push_back(quote_identifier(name));
  return join(quoted, ", ");
}

}  // namespace lockstep::support
