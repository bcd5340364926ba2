// Prints an ast::File in the one canonical layout. parse(format(x)) = parse(x), format(parse(format(x))) = format(x). Comments
// are kept.
#pragma once

#include <string>

#include "parser/ast.h"

namespace lockstep::parser {

std::string format(const ast::File& file);

}  // namespace lockstep::parser
