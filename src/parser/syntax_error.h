// A syntax error in words: what was found, what could have stood there, what was probably meant.
#pragma once

#include <string>
#include <vector>

#include "parser/syntax_tree.h"
#include "support/diagnostic.h"

namespace lockstep::parser::syntax {

// What the grammar would have taken at the token `found`.
struct Expectation {
  std::size_t found = 0;    // position in the tree's tokens; their number: the end of the file
  std::size_t item = 0;     // first token of the item that is being read
  bool expression = false;  // nearly anything
  bool name = false;        // any name, so that each word of the language could stand there too
  bool type = false;        // the same but for the words PostgreSQL reserves
  bool text = false;
  bool number = false;
  std::vector<std::string> words;  // of the language
  std::vector<std::string> marks;  // punctuation

  bool takes(std::string_view mark) const;
};

// `words`: all of the language, for "did you mean".
support::Diagnostic syntax_error(const Tree& tree, const Expectation& expected, const std::vector<std::string>& words);

bool first_on_its_line(const Tree& tree, std::size_t token);

}  // namespace lockstep::parser::syntax
