#include "parser/sql_parse.h"

#include <pg_query.h>

#include <memory>

#include "parser/literals.h"

namespace lockstep::parser {
namespace {

using nlohmann::json;

bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v';
}

bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || static_cast<unsigned char>(c) >= 0x80;
}

// PostgreSQL counts characters from 1.
std::size_t byte_of(std::string_view text, int position) {
  std::size_t at = 0;
  for (int seen = 1; seen < position && at < text.size(); ++seen) {
    do ++at;
    while (at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0U) == 0x80U);
  }
  return at;
}

SqlError error_of(const PgQueryError& error, std::string_view text) {
  return {error.message, byte_of(text, error.cursorpos)};
}

// Of exactly one statement; else null.
json parse_one(const std::string& text, SqlError& error) {
  const auto release = [](PgQueryParseResult* result) { pg_query_free_parse_result(*result); };
  PgQueryParseResult result = pg_query_parse(text.c_str());
  const std::unique_ptr<PgQueryParseResult, decltype(release)> freed(&result, release);
  if (result.error != nullptr) {
    error = error_of(*result.error, text);
    return nullptr;
  }
  json document = json::parse(result.parse_tree, nullptr, false);
  if (document.is_discarded() || !document.contains("stmts") || document["stmts"].size() != 1) {
    error = {"one statement is wanted", 0};
    return nullptr;
  }
  return std::move(document["stmts"][0]["stmt"]);
}

// The scanner splits the body of a function in standard SQL (BEGIN ATOMIC a; b; END) too: such a piece goes on to its END.
bool opens_body(std::string_view text) {
  const std::string lower = lower_case(text);
  for (std::size_t at = lower.find("atomic"); at != std::string::npos; at = lower.find("atomic", at + 1)) {
    std::size_t before = at;
    while (before > 0 && is_space(lower[before - 1])) --before;
    if (before < at && before >= 5 && lower.compare(before - 5, 5, "begin") == 0) return true;
  }
  return false;
}

}  // namespace

std::optional<json> parse_plpgsql(const std::string& create, std::string& error) {
  const auto release = [](PgQueryPlpgsqlParseResult* result) { pg_query_free_plpgsql_parse_result(*result); };
  PgQueryPlpgsqlParseResult result = pg_query_parse_plpgsql(create.c_str());
  const std::unique_ptr<PgQueryPlpgsqlParseResult, decltype(release)> freed(&result, release);
  if (result.error != nullptr) {
    error = result.error->message;
    return std::nullopt;
  }
  json trees = json::parse(result.plpgsql_funcs, nullptr, false);
  if (trees.is_discarded() || trees.empty()) {
    error = "its parse tree can't be read";
    return std::nullopt;
  }
  return trees;
}

std::size_t skip_blank(std::string_view text, std::size_t at) {
  while (at < text.size()) {
    if (is_space(text[at])) {
      ++at;
    } else if (text.substr(at, 2) == "--") {
      at = std::min(text.find('\n', at), text.size());
    } else if (text.substr(at, 2) == "/*") {
      int depth = 0;
      do {
        if (text.substr(at, 2) == "/*") {
          ++depth;
          at += 2;
        } else if (text.substr(at, 2) == "*/") {
          --depth;
          at += 2;
        } else {
          ++at;
        }
      } while (depth > 0 && at < text.size());
    } else {
      break;
    }
  }
  return at;
}

std::vector<std::string> leading_words(std::string_view statement, std::size_t count) {
  std::vector<std::string> words;
  for (std::size_t at = skip_blank(statement, 0); words.size() < count && at < statement.size();) {
    std::size_t end = at;
    while (end < statement.size() && is_word(statement[end])) ++end;
    if (end == at) break;
    words.push_back(upper_case(statement.substr(at, end - at)));
    at = skip_blank(statement, end);
  }
  return words;
}

std::vector<SqlPiece> split_sql(std::string_view text, std::optional<SqlError>& error) {
  const std::string whole(text);
  const auto release = [](PgQuerySplitResult* result) { pg_query_free_split_result(*result); };
  PgQuerySplitResult split = pg_query_split_with_scanner(whole.c_str());
  const std::unique_ptr<PgQuerySplitResult, decltype(release)> freed(&split, release);
  if (split.error != nullptr) {
    error = error_of(*split.error, text);
    return {};
  }
  std::vector<SqlPiece> pieces;
  for (int i = 0; i < split.n_stmts; ++i) {
    const auto begin_of = [&](int n) { return static_cast<std::size_t>(split.stmts[n]->stmt_location); };
    const auto end_of = [&](int n) { return begin_of(n) + static_cast<std::size_t>(split.stmts[n]->stmt_len); };
    SqlPiece piece;
    piece.end = end_of(i);
    piece.begin = std::min(skip_blank(text, begin_of(i)), piece.end);
    if (piece.begin == piece.end) continue;
    piece.tree = parse_one(whole.substr(piece.begin, piece.end - piece.begin), piece.error);
    if (piece.tree.is_null() && opens_body(text.substr(piece.begin, piece.end - piece.begin))) {
      int last = i + 1;
      while (last < split.n_stmts &&
             leading_words(text.substr(begin_of(last), end_of(last) - begin_of(last)), 1) != std::vector<std::string>{"END"})
        ++last;
      if (last < split.n_stmts) {
        piece.end = end_of(last);
        piece.tree = parse_one(whole.substr(piece.begin, piece.end - piece.begin), piece.error);
        i = last;
      }
    }
    piece.error.offset += piece.begin;
    while (piece.end > piece.begin && is_space(text[piece.end - 1])) --piece.end;
    pieces.push_back(std::move(piece));
  }
  return pieces;
}

}  // namespace lockstep::parser
