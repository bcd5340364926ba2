// Text → SQL statements with their parse trees. The only entry point to libpg_query (PostgreSQL 15's scanner and grammar).
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
  bool deep = false;       // valid, but nested too deeply to be parsed
};

struct SqlPiece {
  std::size_t begin = 0, end = 0;  // bytes, without comments before the statement and without its ';'
  nlohmann::json tree;             // {"CreateStmt": {…}}; null: PostgreSQL 15's grammar can't parse it (a newer one may)
  SqlError error;                  // if `tree` is null
  bool wrong = false;              // no other version of PostgreSQL can parse it either
};

// The statements in order, without empty ones. Together they contain everything but blanks, comments and semicolons. `error`:
// the text can't be split (an unterminated quote or comment), or is nested too deeply.
std::vector<SqlPiece> split_sql(std::string_view text, std::optional<SqlError>& error);

// Whether the scanner alone shows that the text is at most one statement. False if it contains semicolons between tokens (a
// body BEGIN ATOMIC … END does too), or if it can't be scanned.
bool surely_single(std::string_view text);

// The parse trees of the body of a CREATE FUNCTION or PROCEDURE in plpgsql, from libpg_query's plpgsql parser (which uses no
// catalog). nullopt: it can't be parsed; `error` has the reason.
std::optional<nlohmann::json> parse_plpgsql(const std::string& create, std::string& error);

// The first words of a statement in upper case, at most `count`: {"CREATE", "OR", "REPLACE", "VIEW"}. Skips comments.
std::vector<std::string> leading_words(std::string_view statement, std::size_t count);

// The position after white space and comments.
std::size_t skip_blank(std::string_view text, std::size_t at);

}  // namespace lockstep::parser
