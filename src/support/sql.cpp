#include "support/sql.h"

#include "support/error.h"
#include "support/sql_text.h"

namespace lockstep::support {
namespace {

[[noreturn]] void refuse(std::string_view what, std::string_view text) {
  throw InternalError("\"" + std::string(text) + "\" stands where " + std::string(what) + " must stand in a statement");
}

bool bare(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '$' || static_cast<unsigned char>(c) >= 0x80U;
}

// The name that begins at `at`. Moves `at` past its end.
std::string name_at(std::string_view text, std::size_t& at) {
  std::string name;
  if (at < text.size() && text[at] == '"') {
    for (++at; at < text.size(); ++at) {
      if (text[at] != '"') {
        name += text[at];
      } else if (at + 1 < text.size() && text[at + 1] == '"') {
        name += text[++at];
      } else {
        ++at;
        return name;
      }
    }
    return {};
  }
  while (at < text.size() && bare(text[at])) name += text[at++];
  return name;
}

}  // namespace

Sql operator+(const Sql& left, const Sql& right) {
  std::string text(left.text());
  text += right.text();
  return Sql(std::move(text));
}

Sql& Sql::operator+=(const Sql& more) {
  if (!made_) made_ = std::string(literal_);
  *made_ += more.text();
  return *this;
}

Sql Sql::identifier(std::string_view name) {
  return Sql(quote_identifier(name));
}

Sql Sql::identifier(std::string_view schema, std::string_view name) {
  return Sql(qualified(schema, name));
}

Sql Sql::identifiers(const std::vector<std::string>& names) {
  return Sql(identifier_list(names));
}

Sql Sql::literal(std::string_view text) {
  return Sql(quote_literal(text));
}

Sql Sql::literals(const std::vector<std::string>& texts) {
  std::vector<Sql> parts;
  for (const std::string& text : texts) parts.push_back(literal(text));
  return join(parts, ", ");
}

Sql Sql::relation(std::string_view quoted) {
  std::vector<std::string> path;
  for (std::size_t at = 0;; ++at) {
    path.push_back(name_at(quoted, at));
    if (path.back().empty()) refuse("the name of a relation", quoted);
    if (at == quoted.size()) return Sql(qualified(path));
    if (quoted[at] != '.') refuse("the name of a relation", quoted);
  }
}

Sql Sql::type(std::string_view printed) {
  if (printed.empty()) refuse("the name of a type", printed);
  for (std::size_t at = 0; at < printed.size();) {
    if (printed[at] == '"') {
      if (name_at(printed, at).empty()) refuse("the name of a type", printed);
    } else if (bare(printed[at]) || std::string_view(" .,()[]-").find(printed[at]) != std::string_view::npos) {
      if (printed.substr(at, 2) == "--") refuse("the name of a type", printed);
      ++at;
    } else {
      refuse("the name of a type", printed);
    }
  }
  return Sql(std::string(printed));
}

Sql Sql::join(const std::vector<Sql>& parts, const Sql& separator) {
  std::string text;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (i > 0) text += separator.text();
    text += parts[i].text();
  }
  return Sql(std::move(text));
}

}  // namespace lockstep::support
