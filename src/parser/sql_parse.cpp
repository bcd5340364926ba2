#include "parser/sql_parse.h"

#include <pg_query.h>

#include <algorithm>
#include <memory>

#include "parser/literals.h"
#include "parser/sql_depth.h"
#include "support/deep_stack.h"

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

// Parses exactly one statement; else returns null.
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

// Whether it begins a body in standard SQL (BEGIN ATOMIC a; b; END). The scanner splits such a body too, so the piece is
// extended to its END.
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

bool surely_single(std::string_view text) {
  if (text.find(';') == std::string_view::npos) return true;
  const auto release = [](PgQuerySplitResult* result) { pg_query_free_split_result(*result); };
  PgQuerySplitResult split = pg_query_split_with_scanner(std::string(text).c_str());
  const std::unique_ptr<PgQuerySplitResult, decltype(release)> freed(&split, release);
  return split.error == nullptr && split.n_stmts <= 1;
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

namespace {

// The first byte between `begin` and `end` that is neither blank nor a semicolon.
std::size_t skip_empty(std::string_view text, std::size_t begin, std::size_t end) {
  for (std::size_t at = begin;;) {
    at = std::min(skip_blank(text, at), end);
    if (at == end || text[at] != ';') return at;
    ++at;
  }
}

class Splitting {
 public:
  explicit Splitting(std::string_view text) : text_(text) {}

  std::vector<SqlPiece> run(std::optional<SqlError>& error) {
    const auto release = [](PgQuerySplitResult* result) { pg_query_free_split_result(*result); };
    PgQuerySplitResult split = pg_query_split_with_scanner(std::string(text_).c_str());
    const std::unique_ptr<PgQuerySplitResult, decltype(release)> freed(&split, release);
    if (split.error != nullptr) {
      error = error_of(*split.error, text_);
      return {};
    }
    for (int i = 0; i < split.n_stmts; ++i) {
      const auto begin = static_cast<std::size_t>(split.stmts[i]->stmt_location);
      found_.push_back({begin, begin + static_cast<std::size_t>(split.stmts[i]->stmt_len)});
    }
    for (std::size_t i = 0; i < found_.size(); ++i) {
      left_out(found_[i].begin);
      i = statement(i);
    }
    left_out(text_.size());
    return std::move(pieces_);
  }

 private:
  struct Found {
    std::size_t begin, end;
  };

  json parse(std::size_t begin, std::size_t end, SqlError& error) const {
    json tree = parse_one(std::string(text_.substr(begin, end - begin)), error);
    error.offset += begin;
    return tree;
  }

  // Returns the last piece of `found_` that belongs to the statement.
  std::size_t statement(std::size_t index) {
    SqlPiece piece;
    piece.end = found_[index].end;
    piece.begin = std::min(skip_blank(text_, found_[index].begin), piece.end);
    if (piece.begin == piece.end) return index;
    piece.tree = parse(piece.begin, piece.end, piece.error);
    if (piece.tree.is_null() && opens_body(text_.substr(piece.begin, piece.end - piece.begin))) {
      const std::size_t last = end_of_body(index);
      if (last < found_.size()) {
        piece.end = found_[last].end;
        piece.tree = parse(piece.begin, piece.end, piece.error);
        index = last;
      } else {
        piece.wrong = true;
        piece.error = {"BEGIN ATOMIC without its END", piece.begin};
      }
    }
    add(std::move(piece));
    return index;
  }

  // The next piece that begins with END. Searched once and remembered, since every split body needs it.
  std::size_t end_of_body(std::size_t index) {
    if (!ends_known_) {
      for (std::size_t i = 0; i < found_.size(); ++i) {
        const auto& [begin, end] = found_[i];
        if (leading_words(text_.substr(begin, end - begin), 1) == std::vector<std::string>{"END"}) ends_.push_back(i);
      }
      ends_known_ = true;
    }
    const auto next = std::upper_bound(ends_.begin(), ends_.end(), index);
    return next == ends_.end() ? found_.size() : *next;
  }

  // The scanner skips what it can't turn into a statement: everything after an unbalanced parenthesis, or a single word.
  void left_out(std::size_t end) {
    SqlPiece piece;
    piece.begin = skip_empty(text_, covered_, end);
    piece.end = end;
    if (piece.begin >= end) return;
    piece.tree = parse(piece.begin, piece.end, piece.error);
    piece.wrong = piece.tree.is_null();
    if (piece.wrong && end == text_.size() && piece.error.offset >= piece.end)
      piece.error.message += ": the text ends in the middle of a statement";
    add(std::move(piece));
  }

  void add(SqlPiece piece) {
    covered_ = piece.end;
    while (piece.end > piece.begin && is_space(text_[piece.end - 1])) --piece.end;
    pieces_.push_back(std::move(piece));
  }

  std::string_view text_;
  std::vector<Found> found_;
  std::vector<std::size_t> ends_;
  bool ends_known_ = false;
  std::size_t covered_ = 0;  // up to here the text is covered by pieces
  std::vector<SqlPiece> pieces_;
};

}  // namespace

std::vector<SqlPiece> split_sql(std::string_view text, std::optional<SqlError>& error) {
  if (const auto deep = too_deep(text)) {
    error = {"this statement is nested too deeply, or is too long a chain (1+1+…, UNION …), to be read", *deep, true};
    return {};
  }
  constexpr std::size_t kShort = 1000;  // a byte is at most one level; a thread takes longer than to parse so little
  if (text.size() <= kShort) return Splitting(text).run(error);
  std::vector<SqlPiece> pieces;
  support::on_deep_stack([&] { pieces = Splitting(text).run(error); });
  return pieces;
}

}  // namespace lockstep::parser
