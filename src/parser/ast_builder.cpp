// Tree of grammar rules → ast::File, by the table in clauses.cpp.
#include <algorithm>

#include "parser/clauses.h"
#include "parser/comments.h"
#include "parser/head.h"
#include "parser/literals.h"
#include "parser/property_value.h"
#include "parser/reader.h"

namespace lockstep::parser {
namespace {

using support::Diagnostics;
using syntax::Branch;
using syntax::Tree;

void drop_first_blank(std::vector<std::string>& comments) {
  if (!comments.empty() && comments.front().empty()) comments.erase(comments.begin());
}

void append(std::string& comments, const std::string& comment) {
  if (!comment.empty()) comments += (comments.empty() ? "" : " ") + comment;
}

class Builder {
 public:
  Builder(const Tree& tree, Diagnostics& diagnostics, bool layout) : tree_(tree), diagnostics_(diagnostics), layout_(layout) {}

  struct Items {
    std::vector<ast::Node> nodes;
    std::string open;  // on the line of the opening brace
    std::vector<std::string> at_end;
  };

  // The items of `block` between the tokens `first` and `last`, with the comments around them.
  Items items(const Branch& block, std::size_t first, std::size_t last) {
    Items result;
    const auto trailing = [&](const std::string& comment) {
      append(result.nodes.empty() ? result.open : result.nodes.back().comment_after, comment);
    };
    std::size_t from = first;
    for (const auto& item : block.children) {
      const Branch* declaration = find_declaration(item);
      if (declaration == nullptr || declaration->broken || declaration->first == declaration->last) continue;
      CommentGap gap = comments_between(tree_, from, declaration->first);
      trailing(gap.trailing);
      ast::Node node = build(*declaration);
      node.comments_before = std::move(gap.own_lines);
      if (result.nodes.empty()) drop_first_blank(node.comments_before);
      result.nodes.push_back(std::move(node));
      from = declaration->last;
    }
    CommentGap gap = comments_between(tree_, from, std::max(from, last));
    trailing(gap.trailing);
    result.at_end = std::move(gap.own_lines);
    if (result.nodes.empty()) drop_first_blank(result.at_end);
    if (!result.at_end.empty() && result.at_end.back().empty()) result.at_end.pop_back();
    return result;
  }

 private:
  const Branch* find_declaration(const Branch& branch) const {
    if (meaning(branch.rule).declaration != nullptr) return &branch;
    for (const auto& child : branch.children) {
      if (const Branch* found = find_declaration(child)) return found;
    }
    return nullptr;
  }

  ast::Node build(const Branch& branch) {
    ast::Node node;
    const Declaration& declaration = *meaning(branch.rule).declaration;
    node.kind = declaration.kind;
    node.inlined = declaration.inlined;
    collect(branch, node);
    if (node.kind.empty()) take_kind(node);
    const std::size_t end = head_end(branch);
    node.span = span_of(tree_, branch.first, end);
    node.whole = span_of(tree_, branch.first, branch.last);
    if (layout_ && !node.inlined) {
      node.head = head_pieces(tree_, branch, end);
      node.comment_in_head = std::any_of(node.head.begin(), node.head.end(),
                                         [](const auto& piece) { return piece.kind == ast::Piece::Kind::comment; });
      move_last_comments(node);
    }
    return node;
  }

  // In `publication p …` the keywords of the kind are the kind.
  static void take_kind(ast::Node& node) {
    const auto kind =
        std::find_if(node.properties.begin(), node.properties.end(), [](const auto& item) { return item.name == "kind"; });
    node.kind = std::get<std::string>(kind->value);
    std::replace(node.kind.begin(), node.kind.end(), ' ', '_');
    node.properties.erase(kind);
  }

  void collect(const Branch& branch, ast::Node& node) {
    for (const auto& child : branch.children) {
      const Meaning& means = meaning(child.rule);
      if (means.declared) {
        for (const auto& part : child.children) {
          node.name.push_back({fold_name(slice(tree_, part)), span_of(tree_, part.first, part.last)});
        }
      } else if (means.block) {
        Items inner = items(child, child.first + 1, child.last - 1);
        node.block = true;
        node.comment_open = std::move(inner.open);
        node.comments_inside = std::move(inner.at_end);
        std::move(inner.nodes.begin(), inner.nodes.end(), std::back_inserter(node.children));
      } else if (means.declaration != nullptr) {
        node.children.push_back(build(child));
      } else if (means.clause != nullptr) {
        state(*means.clause, child, node);
        if (means.clause->shape == Shape::columns) collect(child, node);
      } else {
        collect(child, node);
      }
    }
  }

  // Lists are stated in parts, and `deferrable initially deferred` in words; everything else once.
  void state(const Clause& clause, const Branch& branch, ast::Node& node) {
    PropertyValue read = property_value(tree_, branch, clause.shape, diagnostics_);
    const auto known = std::find_if(node.properties.begin(), node.properties.end(),
                                    [&](const auto& item) { return item.name == clause.property; });
    if (known == node.properties.end()) {
      node.properties.push_back({clause.property, std::move(read.value), std::move(read.span), read.replaceable});
    } else if (auto* list = std::get_if<catalog::List>(&known->value)) {
      auto& more = std::get<catalog::List>(read.value);
      std::move(more.begin(), more.end(), std::back_inserter(*list));
    } else if (clause.rule == "deferrability") {
      std::get<std::string>(known->value) += " " + std::get<std::string>(read.value);
    } else {
      support::Diagnostic twice{support::Severity::error, "LS0109", "this is said twice of one object", read.span, {}, {}};
      twice.notes.push_back({"the first time here", known->span});
      diagnostics_.add(std::move(twice));
    }
  }

  // The position of the ";" or "{" after the head; an inlined declaration has neither.
  std::size_t head_end(const Branch& branch) const {
    if (const Branch* block = find_block(branch)) return block->first;
    if (branch.last > branch.first && tree_.text(tree_.tokens[branch.last - 1]) == ";") return branch.last - 1;
    return branch.last;
  }

  const Branch* find_block(const Branch& branch) const {
    if (branch.children.empty()) return nullptr;
    const Branch& last = branch.children.back();
    return meaning(last.rule).block ? &last : find_block(last);
  }

  // A comment between the head and its ";" would move the ";" to a line of its own.
  static void move_last_comments(ast::Node& node) {
    std::string comments;
    while (!node.head.empty() && node.head.back().kind == ast::Piece::Kind::comment) {
      comments = node.head.back().text + (comments.empty() ? "" : " ") + comments;
      node.head.pop_back();
    }
    if (comments.empty()) return;
    std::string& line = node.block ? node.comment_open : node.comment_after;
    line = comments + (line.empty() ? "" : " ") + line;
  }

  const Tree& tree_;
  Diagnostics& diagnostics_;
  const bool layout_;
};

}  // namespace

const ast::Property* ast::Node::find(std::string_view property) const {
  const auto found =
      std::find_if(properties.begin(), properties.end(), [&](const Property& item) { return item.name == property; });
  return found == properties.end() ? nullptr : &*found;
}

ast::File read(const support::SourcePtr& source, Diagnostics& diagnostics, bool layout) {
  const Tree tree = syntax::parse(source, diagnostics);
  ast::File file;
  file.source = source;
  Builder builder(tree, diagnostics, layout);
  Builder::Items items = builder.items(tree.root, 0, tree.tokens.size());
  file.nodes = std::move(items.nodes);
  file.comments_at_end = std::move(items.at_end);
  return file;
}

}  // namespace lockstep::parser
