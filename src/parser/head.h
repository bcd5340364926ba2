// The head of a declaration as pieces for the formatter: keywords in lower case, names folded, raw text unchanged, comments.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "parser/ast.h"
#include "parser/syntax_tree.h"

namespace lockstep::parser {

// The pieces of the tokens of `branch` before position `end`.
std::vector<ast::Piece> head_pieces(const syntax::Tree& tree, const syntax::Branch& branch, std::size_t end);

// Whether the formatter puts a space between the two pieces.
bool spaced(const ast::Piece& before, const ast::Piece& after);
// The tokens of `branch` in canonical layout on one line, without comments.
std::string laid_out(const syntax::Tree& tree, const syntax::Branch& branch);

// The source from the first token of `branch` to its last.
std::string_view slice(const syntax::Tree& tree, const syntax::Branch& branch);
// The source inside the parentheses of `branch`, without comments at its begin and end.
std::string_view inside(const syntax::Tree& tree, const syntax::Branch& branch);

}  // namespace lockstep::parser
