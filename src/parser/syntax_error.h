// Describes a syntax error: what was found, what could have been there, what was probably meant.
#pragma once

#include <string>
#include <vector>

#include "parser/syntax_tree.h"
#include "support/diagnostic.h"

namespace lockstep::parser::syntax {

// What the grammar would have accepted at the token `found`.
struct Expectation {
  std::size_t found = 0;    // position in the tree's tokens; the number of tokens: the end of the file
  std::size_t item = 0;     // first token of the item that was being read
  bool expression = false;  // almost anything
  bool name = false;        // any name, so that every keyword of the language is possible too
  bool type = false;        // the same without the words that PostgreSQL reserves
  bool text = false;
  bool number = false;
  std::vector<std::string> words;  // of the language
  std::vector<std::string> marks;  // punctuation

  bool takes(std::string_view mark) const;
};

// `words`: all keywords of the language, for "did you mean".
support::Diagnostic syntax_error(const Tree& tree, const Expectation& expected, const std::vector<std::string>& words);

bool first_on_its_line(const Tree& tree, std::size_t token);

}  // namespace lockstep::parser::syntax
