// What an item says that the database doesn't know, and that is lost when it is written anew from there.
#pragma once

#include <string>
#include <vector>

#include "parser/ast.h"

namespace lockstep::fleet {

// Adds "renamed from", "a comment" … to `lost`, each once. `whole`: the item goes with its block; else its head alone.
void add_lost(const parser::ast::Node& node, bool whole, std::vector<std::string>& lost);

}  // namespace lockstep::fleet
