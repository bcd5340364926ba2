#include "parser/comments.h"

#include <algorithm>

#include "parser/literals.h"

namespace lockstep::parser {

CommentGap comments_between(const syntax::Tree& tree, std::size_t from, std::size_t to) {
  CommentGap gap;
  const std::string_view text = tree.source->text();
  std::size_t end = from == 0 ? 0 : tree.tokens[from - 1].end;
  const auto lines_to = [&](std::size_t begin) {
    return std::count(text.begin() + static_cast<std::ptrdiff_t>(end), text.begin() + static_cast<std::ptrdiff_t>(begin), '\n');
  };
  bool same_line = from > 0;
  for (std::size_t i = from; i < to; ++i) {
    const auto& token = tree.tokens[i];
    const auto lines = lines_to(token.begin);
    same_line = same_line && lines == 0;
    end = token.end;
    if (token.kind != syntax::TokenKind::comment) continue;
    const std::string comment = trim(tree.text(token));
    if (same_line) {
      gap.trailing += (gap.trailing.empty() ? "" : " ") + comment;
    } else {
      if (lines > 1) gap.own_lines.emplace_back();
      gap.own_lines.push_back(comment);
    }
  }
  if (to < tree.tokens.size() && lines_to(tree.tokens[to].begin) > 1) gap.own_lines.emplace_back();
  return gap;
}

}  // namespace lockstep::parser
