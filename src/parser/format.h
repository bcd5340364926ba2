// Prints an ast::File in the one canonical layout. parse(format(x)) = parse(x), format(parse(format(x))) = format(x). Comments
// are kept.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "parser/ast.h"

namespace lockstep::parser {

std::string format(const ast::File& file);

// One item with its block, as it stands at this depth beside `siblings`, whose names align with its own; without the indentation
// before it and the line's end after it.
std::string format_item(const ast::Node& node, std::size_t depth, const std::vector<const ast::Node*>& siblings);
// Its head alone.
std::string format_head(const ast::Node& node, std::size_t depth, const std::vector<const ast::Node*>& siblings);

}  // namespace lockstep::parser
