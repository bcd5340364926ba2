// Reads the value of a property from its rule's branch, in the shape that the table of clauses states.
#pragma once

#include "catalog/value.h"
#include "parser/clauses.h"
#include "parser/syntax_tree.h"
#include "support/diagnostic.h"

namespace lockstep::parser {

struct PropertyValue {
  catalog::Value value;
  support::Span span;
  bool replaceable = false;  // ${variables} in it are replaced
};

// Whether ${variables} are replaced in a value of this shape.
bool takes_variables(Shape shape);

PropertyValue property_value(const syntax::Tree& tree, const syntax::Branch& branch, Shape shape,
                             support::Diagnostics& diagnostics);

support::Span span_of(const syntax::Tree& tree, std::size_t first, std::size_t last);

}  // namespace lockstep::parser
