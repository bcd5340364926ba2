// What the user wrote, as written: nodes with properties and children, each with its span.
// ast_builder.cpp makes it from the syntax tree; lower.cpp (to the declared catalog) and format.cpp (to the canonical layout)
// read it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "catalog/value.h"
#include "support/source_text.h"

namespace lockstep::parser::ast {

struct Identifier {
  std::string text;  // folded, unquoted; may contain ${variables}, which lower.cpp replaces
  support::Span span;
};

// One attribute that a declaration states. `name` is the name of an AttrSpec of the node's kind, or a property of the language
// itself ("renamed_from", "backfill" …; clauses.cpp lists them). Raw SQL texts are slices of the source.
struct Property {
  std::string_view name;  // static storage
  catalog::Value value;
  support::Span span;        // of the value
  bool replaceable = false;  // for names and texts of the language itself: ${variables} are replaced; never in SQL
};

// A piece of a declaration's head for the formatter: it lays out keywords of the language and keeps raw slices as they are.
struct Piece {
  enum class Kind { word, raw, comment };
  std::string text;
  Kind kind = Kind::word;
  bool glued = false;        // no space before it, as before a function's argument list
  bool replaceable = false;  // ${variables} in it are replaced, as in a Property
};

struct Node {
  std::string kind;  // registry name ("table", "foreign_key"), or a directive ("manage", "ignore", "drop", "rows" …)
  std::vector<Identifier> name;  // one or two parts; empty: unnamed (PostgreSQL chooses)
  support::Span span;            // of the whole head
  support::Span whole;           // with its ";" or block
  std::vector<Property> properties;
  std::vector<Node> children;
  bool inlined = false;  // written within the head of its parent ("id bigint primary key"): a child without a line of its own
  bool block = false;    // written with { … }
  bool comment_in_head = false;
  std::vector<Piece> head;                   // for format.cpp
  std::vector<std::string> comments_before;  // own lines, "-- …" or "/* … */"; "" for one blank line
  std::string comment_after;                 // on the same line as the end
  std::string comment_open;                  // on the same line as the opening brace
  std::vector<std::string> comments_inside;  // before the closing brace

  const Property* find(std::string_view property) const;  // nullptr: not stated
};

struct File {
  support::SourcePtr source;
  std::vector<Node> nodes;
  std::vector<std::string> comments_at_end;
};

}  // namespace lockstep::parser::ast
