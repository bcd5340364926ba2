#include "parser/items.h"

#include <algorithm>

namespace lockstep::parser {

namespace {

// "$${" is a plain "${".
bool holds_variable(const std::string& text) {
  for (std::size_t at = text.find("${"); at != std::string::npos; at = text.find("${", at + 2))
    if (at == 0 || text[at - 1] != '$') return true;
  return false;
}

}  // namespace

Items::Items(const std::vector<ast::File>& files) {
  for (std::size_t file = 0; file < files.size(); ++file) {
    for (const ast::Node& node : files[file].nodes) add(node, file, std::nullopt);
  }
}

std::optional<std::size_t> Items::at(const std::string& place) const {
  const auto found = by_place_.find(place);
  return found == by_place_.end() ? std::nullopt : std::optional(found->second);
}

// Recursive like the syntax, whose depth the reader bounds.
void Items::add(const ast::Node& node, std::size_t file, std::optional<std::size_t> parent) {
  const std::size_t self = items_.size();
  items_.push_back({&node, file, parent ? items_[*parent].depth + 1 : 0, parent, {}});
  if (parent) items_[*parent].children.push_back(self);
  add_places(node, self);
  for (const ast::Node& child : node.children)
    if (node.block && !child.inlined) add(child, file, self);
}

void Items::add_places(const ast::Node& node, std::size_t item) {
  by_place_.emplace(node.span.place(), item);
  for (const ast::Node& child : node.children)
    if (!node.block || child.inlined) add_places(child, item);
}

bool has_variable(const ast::Node& node) {
  return std::any_of(node.head.begin(), node.head.end(),
                     [](const ast::Piece& piece) { return piece.replaceable && holds_variable(piece.text); });
}

}  // namespace lockstep::parser
