// Text → ast::File. The only entry point to ANTLR: no generated or runtime header is included outside antlr_reader.cpp
// and the two streams that it reads.
#pragma once

#include "parser/ast.h"
#include "support/diagnostic.h"

namespace lockstep::parser {

// Reports every syntax error of the file (LS01xx) and returns what could be read. Nesting beyond 5,000 levels is LS0102.
// Thread-safe.
// `layout`: with what only the formatter needs (Node::head).
ast::File read(const support::SourcePtr& source, support::Diagnostics& diagnostics, bool layout = true);

}  // namespace lockstep::parser
