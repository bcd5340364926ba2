#include "parser/head.h"

#include "parser/clauses.h"
#include "parser/literals.h"
#include "parser/property_value.h"

namespace lockstep::parser {
namespace {

using ast::Piece;
using syntax::Branch;
using syntax::Token;
using syntax::TokenKind;
using syntax::Tree;

std::string_view between(const Tree& tree, std::size_t begin, std::size_t end) {
  return tree.source->text().substr(begin, end > begin ? end - begin : 0);
}

class Layout {
 public:
  Layout(const Tree& tree, std::size_t end) : tree_(tree), end_(end) {}

  void add(const Branch& branch) { add(branch, {}); }

  std::vector<Piece> take() { return std::move(pieces_); }

 private:
  // What the clauses around a token mean, as ast_builder.cpp reads them: the outermost decides, unless it contains others.
  struct Place {
    bool in_clause = false;
    bool replaceable = false;
  };

  static Place place_in(Place around, const Meaning& means) {
    if (means.declared) return {true, true};
    if (means.declaration != nullptr) return {};
    if (means.clause == nullptr || around.in_clause) return around;
    return {means.clause->shape != Shape::columns, takes_variables(means.clause->shape)};
  }

  void add(const Branch& branch, Place place) {
    std::size_t at = branch.first;
    for (const auto& child : branch.children) {
      tokens(at, child.first, place);
      if (child.first >= end_) return;
      const Meaning& means = meaning(child.rule);
      const Place within = place_in(place, means);
      if (means.raw) {
        raw(child, means, within);
      } else {
        add(child, within);
      }
      at = child.last;
    }
    tokens(at, branch.last, place);
  }

  void tokens(std::size_t from, std::size_t to, Place place) {
    for (std::size_t i = from; i < to && i < end_; ++i) {
      const Token& token = tree_.tokens[i];
      const std::string_view text = tree_.text(token);
      if (token.kind == TokenKind::comment) {
        pieces_.push_back({.text = trim(text), .kind = Piece::Kind::comment});
      } else {
        // A quoted name is kept, because the quotes tell a reader (and PostgreSQL) something.
        pieces_.push_back({.text = token.kind == TokenKind::word ? fold_name(text) : std::string(text),
                           .kind = Piece::Kind::word,
                           .replaceable = place.replaceable});
      }
    }
  }

  void raw(const Branch& branch, const Meaning& means, Place place) {
    if (branch.first == branch.last) return;
    std::string text(slice(tree_, branch));
    if (means.parenthesised && branch.last - branch.first > 1) {
      // Trimmed inside, unless there is a comment at either end: it could comment the parenthesis out.
      const bool comment =
          tree_.tokens[branch.first + 1].kind == TokenKind::comment || tree_.tokens[branch.last - 2].kind == TokenKind::comment;
      if (!comment) text = "(" + std::string(inside(tree_, branch)) + ")";
    }
    pieces_.push_back(
        {.text = std::move(text), .kind = Piece::Kind::raw, .glued = means.glued, .replaceable = place.replaceable});
  }

  const Tree& tree_;
  std::size_t end_;
  std::vector<Piece> pieces_;
};

}  // namespace

std::string_view slice(const Tree& tree, const Branch& branch) {
  if (branch.first == branch.last) return {};
  return between(tree, tree.tokens[branch.first].begin, tree.tokens[branch.last - 1].end);
}

std::string_view inside(const Tree& tree, const Branch& branch) {
  std::size_t first = branch.first + 1;
  std::size_t last = branch.last - 1;
  while (first < last && tree.tokens[first].kind == TokenKind::comment) ++first;
  while (last > first && tree.tokens[last - 1].kind == TokenKind::comment) --last;
  return first < last ? between(tree, tree.tokens[first].begin, tree.tokens[last - 1].end) : std::string_view{};
}

std::vector<Piece> head_pieces(const Tree& tree, const Branch& branch, std::size_t end) {
  Layout layout(tree, end);
  layout.add(branch);
  return layout.take();
}

bool spaced(const Piece& before, const Piece& after) {
  if (after.glued || before.text == "(" || before.text == ".") return false;
  if (after.kind != Piece::Kind::word) return true;
  return after.text != ")" && after.text != "," && after.text != "." && after.text != ";";
}

std::string laid_out(const Tree& tree, const Branch& branch) {
  std::string text;
  const Piece* before = nullptr;
  const std::vector<Piece> pieces = head_pieces(tree, branch, branch.last);
  for (const auto& piece : pieces) {
    if (piece.kind == Piece::Kind::comment) continue;
    text += (before != nullptr && spaced(*before, piece) ? " " : "") + piece.text;
    before = &piece;
  }
  return text;
}

}  // namespace lockstep::parser
