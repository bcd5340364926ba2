// How deep the tree of a SQL text can get, told from its tokens: libpg_query builds and prints trees by recursion, and has no
// limit of its own for what its grammar reads from left to right (1+1+1+…, a::b::c, UNION, a[1][1]).
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace lockstep::parser {

// Levels of a tree. PostgreSQL's own limit (max_stack_depth) is reached earlier than this; the stack that libpg_query is given
// (support/deep_stack.h) allows for more.
constexpr std::size_t kDeepestTree = 50000;

// Comments inside one another. PostgreSQL's scanner reads "/*/*/*…" anew for each level: 100,000 of them take minutes.
constexpr std::size_t kDeepestComment = 100;

// The byte in text[begin, end), blanks and comments, where a comment is nested deeper than that; nothing: none is.
std::optional<std::size_t> deep_comment(std::string_view text, std::size_t begin, std::size_t end);

// The byte where a statement's tree may get deeper than `limit`; nothing: it can't. A bound, not a parse: each token after the
// last comma or semicolon of its parenthesis counts as a level.
std::optional<std::size_t> too_deep(std::string_view sql, std::size_t limit = kDeepestTree);

}  // namespace lockstep::parser
