// Which item a comment belongs to: the one whose line it ends, else the one it stands above.
#pragma once

#include <string>
#include <vector>

#include "parser/syntax_tree.h"

namespace lockstep::parser {

// What stands between two items.
struct CommentGap {
  std::string trailing;                // on the line of the token before; several are joined
  std::vector<std::string> own_lines;  // "" for a blank line, several of which count as one
};

// `from` and `to` are token positions; only comments (and stray semicolons) stand between them.
CommentGap comments_between(const syntax::Tree& tree, std::size_t from, std::size_t to);

}  // namespace lockstep::parser
