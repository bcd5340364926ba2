#include "fleet/renamed_from.h"

#include <algorithm>
#include <string_view>
#include <vector>

#include "support/sql_text.h"

namespace lockstep::fleet {
namespace {

using parser::ast::Node;
using parser::ast::Piece;

// So that nothing in it is a variable.
std::string plain(std::string name) {
  for (std::size_t at = name.find("${"); at != std::string::npos; at = name.find("${", at + 3)) name.insert(at, "$");
  return name;
}

bool is_word(const Piece& piece, std::string_view word) {
  return piece.kind == Piece::Kind::word && piece.text == word;
}

// At the end, but for a definition that is PostgreSQL's to its end (`as on update to …`), and for a key within the head of
// another item, which would take the clause for its own.
std::vector<Piece>::const_iterator place_in(const Node& node) {
  const auto& head = node.head;
  for (auto at = head.begin(); at != head.end(); ++at)
    if (is_word(*at, "as") && at + 1 != head.end() && (at[1].text == "on" || at[1].text.starts_with("on "))) return at;
  const bool holds = std::any_of(node.children.begin(), node.children.end(), [](const Node& child) { return child.inlined; });
  const auto refers = std::find_if(head.begin(), head.end(), [](const Piece& one) { return is_word(one, "references"); });
  if (!holds || refers == head.end()) return head.end();
  return std::find_if(head.begin(), refers, [](const Piece& one) { return is_word(one, "constraint"); });
}

}  // namespace

void add_renamed_from(Node& node, const std::string& name, const catalog::List& older) {
  std::vector<std::string> names{plain(name)};
  for (const std::string& one : older)
    if (one != names.front()) names.push_back(one);  // as they were written
  std::vector<Piece> pieces{{"renamed"}, {"from"}};
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (i > 0) pieces.push_back({","});
    pieces.push_back({support::quote_identifier(names[i])});
  }
  const auto at = place_in(node);
  node.head.insert(at, pieces.begin(), pieces.end());
}

}  // namespace lockstep::fleet
