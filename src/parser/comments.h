// Assigns comments to items: a comment belongs to the item whose line it ends, else to the item below it.
#pragma once

#include <string>
#include <vector>

#include "parser/syntax_tree.h"

namespace lockstep::parser {

// The comments and blank lines between two items.
struct CommentGap {
  std::string trailing;                // on the line of the preceding token; several are joined
  std::vector<std::string> own_lines;  // "" for a blank line; consecutive blank lines count as one
};

// `from` and `to` are token positions. REQUIRES: only comments and stray semicolons are between them.
CommentGap comments_between(const syntax::Tree& tree, std::size_t from, std::size_t to);

}  // namespace lockstep::parser
