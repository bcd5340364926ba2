// Text → SQL statements with their parse trees. The one door to libpg_query (PostgreSQL 15's own scanner and grammar).
#pragma once

#include <cstddef>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace lockstep::parser {

struct SqlError {
  std::string message;
  std::size_t offset = 0;  // byte in the text that was parsed
  bool deep = false;       // not wrong, but nested too deeply to be read
};

struct SqlPiece {
  std::size_t begin = 0, end = 0;  // bytes; comments before the statement and its ';' left out
  nlohmann::json tree;             // {"CreateStmt": {…}}; null: PostgreSQL 15's grammar can't read it (a newer one may)
  SqlError error;                  // then
  bool wrong = false;              // and no other version of PostgreSQL can either
};

// Statements in order, empty ones left out; together they hold every byte but blanks, comments and semicolons. `error`: the text
// can't even be split (an open quote, an open comment), or is nested too deeply to be read.
std::vector<SqlPiece> split_sql(std::string_view text, std::optional<SqlError>& error);

// Whether the text surely is one statement at most, by the scanner alone: false where semicolons part it (a body BEGIN ATOMIC …
// END has such ones too), or where it can't be scanned.
bool surely_single(std::string_view text);

// A CREATE FUNCTION or PROCEDURE in plpgsql → the trees of its body, as libpg_query's plpgsql parser has them (no catalog is
// asked). nullopt: it can't be read, `error` says why.
std::optional<nlohmann::json> parse_plpgsql(const std::string& create, std::string& error);

// The first words of a statement, upper case: {"CREATE", "OR", "REPLACE", "VIEW"}, at most `count`. Comments are skipped.
std::vector<std::string> leading_words(std::string_view statement, std::size_t count);

// Past white space and comments.
std::size_t skip_blank(std::string_view text, std::size_t at);

}  // namespace lockstep::parser
