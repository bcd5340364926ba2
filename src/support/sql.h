// SQL text as two types, one for each entry point of a session (session/session.h).
//
// - Sql: Lockstep's own statements. They consist of string literals of this program and of names and values that are quoted
//   here; no other text can get in. They run under Lockstep's own search_path, so that no name in a database changes their
//   meaning.
// - DeclaredSql: text that somebody else wrote, in a schema file, a plan or a database: whole statements or expressions, with
//   the search_path that their author meant. tests/architecture/test_sql_doors.py lists the files that may construct one.
#pragma once

#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace lockstep::support {

class Sql {
 public:
  // A string literal of this program: only a constant expression converts. NOLINTNEXTLINE(google-explicit-constructor)
  consteval Sql(const char* literal) : literal_(literal) {}
  // The result of a pure function of a server's version, which can't contain any name from a database.
  Sql(std::string (*said)(int), int server_version) : made_(said(server_version)) {}

  static Sql identifier(std::string_view name);  // quoted if necessary
  static Sql identifier(std::string_view schema, std::string_view name);
  static Sql identifiers(const std::vector<std::string>& names);  // joined by ", "
  static Sql literal(std::string_view text);                      // 'text'
  static Sql literals(const std::vector<std::string>& texts);     // joined by ", "
  template <std::integral Number>
  static Sql number(Number value) {
    return Sql(std::to_string(value));
  }
  // Parses a name that is already quoted ("shop.\"Order Lines\"") and quotes it anew. Throws InternalError if the text is
  // anything else.
  static Sql relation(std::string_view quoted);
  // A type as format_type() prints it ("numeric(10,2)", "shop.mood[]"). Throws InternalError if the text contains anything that
  // no type name contains.
  static Sql type(std::string_view printed);
  static Sql join(const std::vector<Sql>& parts, const Sql& separator);

  std::string_view text() const { return made_ ? std::string_view(*made_) : literal_; }
  bool empty() const { return text().empty(); }
  friend Sql operator+(const Sql& left, const Sql& right);
  Sql& operator+=(const Sql& more);

 private:
  explicit Sql(std::string made) : made_(std::move(made)) {}
  std::string_view literal_;
  std::optional<std::string> made_;
};

class DeclaredSql {
 public:
  // An empty `search_path` means Lockstep's own, for fully qualified text. `settings`: statements that restore what the text's
  // file had set before it, possibly including a search_path; they are made from parsed values.
  explicit DeclaredSql(std::string text, std::vector<std::string> search_path = {}, std::string settings = {})
      : text_(std::move(text)), search_path_(std::move(search_path)), settings_(std::move(settings)) {}
  const std::string& text() const { return text_; }
  const std::vector<std::string>& search_path() const { return search_path_; }
  const std::string& settings() const { return settings_; }

 private:
  std::string text_;
  std::vector<std::string> search_path_;
  std::string settings_;
};

}  // namespace lockstep::support
