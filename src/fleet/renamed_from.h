// The clause `renamed from` in the head of an item.
#pragma once

#include <string>

#include "catalog/value.h"
#include "parser/ast.h"

namespace lockstep::fleet {

// Puts the clause where the language has it for items of this kind. `older`: names that the item had before that one, newest
// first.
void add_renamed_from(parser::ast::Node& node, const std::string& name, const catalog::List& older);

}  // namespace lockstep::fleet
