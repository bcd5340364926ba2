// A source text as tokens and a tree of grammar rules. This is all that leaves antlr_reader.cpp, without ANTLR's types.
//
// The tree contains rules only; tokens of a branch that belong to none of its children are read from the token list. Comments
// are tokens too, so a walk over a branch's tokens finds them in their place.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "support/diagnostic.h"
#include "support/source_text.h"

namespace lockstep::parser::syntax {

enum class TokenKind : std::uint8_t { word, quoted, string, dollar_string, number, punctuation, comment };

struct Token {
  std::size_t begin = 0;  // bytes, half-open
  std::size_t end = 0;
  TokenKind kind = TokenKind::word;
};

struct Branch {
  std::uint16_t rule = 0;  // index into rule_names()
  bool broken = false;     // a syntax error was reported in it, so that parts are missing
  std::size_t first = 0;   // tokens, half-open; an empty range: the rule matched nothing
  std::size_t last = 0;
  std::vector<Branch> children;
};

struct Tree {
  support::SourcePtr source;
  std::vector<Token> tokens;
  Branch root;

  std::string_view text(const Token& token) const { return source->text().substr(token.begin, token.end - token.begin); }
};

// The rules of the grammar, by index. Valid until the program ends.
const std::vector<std::string>& rule_names();

// Reports every syntax error of the text. Thread-safe.
Tree parse(const support::SourcePtr& source, support::Diagnostics& diagnostics);

}  // namespace lockstep::parser::syntax
