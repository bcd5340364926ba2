// The items of schema files and where each stands, for who changes the text of one and leaves the rest as it is.
//
//   read files → Items → (a place as Declared or Desired has it) → the item that says it
//
// An item is a declaration with a line of its own; what is written within another's head ("id bigint primary key") belongs to
// that one. Refers to the nodes of the files, which must outlive it.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "parser/ast.h"

namespace lockstep::parser {

struct Item {
  const ast::Node* node = nullptr;
  std::size_t file = 0;
  std::size_t depth = 0;
  std::optional<std::size_t> parent;
  std::vector<std::size_t> children;
};

class Items {
 public:
  explicit Items(const std::vector<ast::File>& files);
  const std::vector<Item>& all() const { return items_; }  // each after its parent, in the order of the files
  // The item whose head, or a part of whose head, has this place ("file:line:column").
  std::optional<std::size_t> at(const std::string& place) const;

 private:
  void add(const ast::Node& node, std::size_t file, std::optional<std::size_t> parent);
  void add_places(const ast::Node& node, std::size_t item);

  std::vector<Item> items_;
  std::map<std::string, std::size_t> by_place_;
};

// Whether a ${variable} is replaced in the head of the node.
bool has_variable(const ast::Node& node);

}  // namespace lockstep::parser
