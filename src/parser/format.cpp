#include "parser/format.h"

#include <algorithm>

#include "parser/head.h"
#include "support/utf8.h"

namespace lockstep::parser {
namespace {

using ast::Node;
using ast::Piece;

constexpr std::size_t kIndent = 2;
// A longer name doesn't move the types of its neighbours to the right.
constexpr std::size_t kWidestName = 40;

bool is_line_comment(const std::string& text) {
  return text.substr(0, 2) == "--";
}

class Writer {
 public:
  void items(const std::vector<Node>& nodes, std::size_t depth) {
    const std::size_t width = name_width(nodes);
    for (const auto& node : nodes) {
      if (node.inlined) continue;
      comments(node.comments_before, depth);
      item(node, depth, width);
    }
  }

  void comments(const std::vector<std::string>& lines, std::size_t depth) {
    for (const auto& line : lines) out_ += (line.empty() ? std::string{} : std::string(depth * kIndent, ' ') + line) + "\n";
  }

  std::string take() { return std::move(out_); }

  void head_among(const Node& node, std::size_t depth, const std::vector<const Node*>& siblings) {
    head(node, depth, node.kind == "column" ? width_among(siblings) : 0);
  }

  void item_among(const Node& node, std::size_t depth, const std::vector<const Node*>& siblings) {
    item(node, depth, width_among(siblings));
  }

 private:
  static std::size_t own_width(const Node& node) {
    if (node.kind != "column" || node.inlined || node.head.empty()) return 0;
    const std::size_t own = support::code_points(node.head.front().text);
    return own <= kWidestName ? own : 0;
  }

  // The types of a table's columns are aligned.
  static std::size_t name_width(const std::vector<Node>& nodes) {
    std::size_t width = 0;
    for (const auto& node : nodes) width = std::max(width, own_width(node));
    return width;
  }

  static std::size_t width_among(const std::vector<const Node*>& nodes) {
    std::size_t width = 0;
    for (const Node* node : nodes) width = std::max(width, own_width(*node));
    return width;
  }

  void item(const Node& node, std::size_t depth, std::size_t width) {
    out_.append(depth * kIndent, ' ');
    head(node, depth, node.kind == "column" ? width : 0);
    if (!node.block) {
      const bool complete = !node.head.empty() && node.head.back().text.back() == '}';
      out_ += complete ? "" : ";";
    } else if (body_is_empty(node)) {
      out_ += " {}";
    } else {
      out_ += " {" + (node.comment_open.empty() ? std::string{} : " " + node.comment_open) + "\n";
      items(node.children, depth + 1);
      comments(node.comments_inside, depth + 1);
      out_.append(depth * kIndent, ' ');
      out_ += "}";
    }
    if (!node.comment_after.empty()) out_ += "  " + node.comment_after;
    out_ += "\n";
  }

  static bool body_is_empty(const Node& node) {
    return node.comment_open.empty() && node.comments_inside.empty() &&
           std::all_of(node.children.begin(), node.children.end(), [](const Node& child) { return child.inlined; });
  }

  void head(const Node& node, std::size_t depth, std::size_t width) {
    for (std::size_t i = 0; i < node.head.size(); ++i) {
      const Piece& piece = node.head[i];
      if (i > 0 && breaks_after(node.head[i - 1])) {
        out_ += "\n" + std::string((depth + 2) * kIndent, ' ');
      } else if (i > 0 && spaced(node.head[i - 1], piece)) {
        out_ += ' ';
      }
      out_ += piece.text;
      const std::size_t own = support::code_points(piece.text);
      if (i == 0 && own < width && node.head.size() > 1 && !breaks_after(piece)) out_.append(width - own, ' ');
    }
  }

  static bool breaks_after(const Piece& piece) { return piece.kind == Piece::Kind::comment && is_line_comment(piece.text); }

  std::string out_;
};

}  // namespace

std::string format(const ast::File& file) {
  Writer writer;
  writer.items(file.nodes, 0);
  writer.comments(file.comments_at_end, 0);
  return writer.take();
}

std::string format_item(const ast::Node& node, std::size_t depth, const std::vector<const ast::Node*>& siblings) {
  Writer writer;
  writer.item_among(node, depth, siblings);
  const std::string text = writer.take();
  return text.substr(depth * kIndent, text.size() - depth * kIndent - 1);
}

std::string format_head(const ast::Node& node, std::size_t depth, const std::vector<const ast::Node*>& siblings) {
  Writer writer;
  writer.head_among(node, depth, siblings);
  return writer.take();
}

}  // namespace lockstep::parser
