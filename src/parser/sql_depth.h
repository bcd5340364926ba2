// Limits the depth of the tree of an SQL text, computed from its tokens. libpg_query builds and prints trees by recursion, and
// has no limit of its own for what its grammar parses left-recursively (1+1+1+…, a::b::c, UNION, a[1][1]).
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace lockstep::parser {

// Levels of a tree. PostgreSQL's own limit (max_stack_depth) is lower; the stack that libpg_query gets (support/deep_stack.h)
// is enough for more.
constexpr std::size_t kDeepestTree = 50000;

// Levels of nested comments. PostgreSQL's scanner reads "/*/*/*…" anew for each level: 100,000 of them take minutes.
constexpr std::size_t kDeepestComment = 100;

// The byte where a comment in text[begin, end), which is blanks and comments, is nested deeper than that; nullopt: none is.
std::optional<std::size_t> deep_comment(std::string_view text, std::size_t begin, std::size_t end);

// The byte where a statement's tree may become deeper than `limit`; nullopt: it can't. An upper bound without parsing: each
// token after the last comma or semicolon of its parenthesis counts as a level.
std::optional<std::size_t> too_deep(std::string_view sql, std::size_t limit = kDeepestTree);

}  // namespace lockstep::parser
