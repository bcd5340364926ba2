// What the user wrote, as written: nodes with properties and children, every one with its span.
// Made by antlr_reader.cpp from the parse tree, read by lower.cpp (→ declared catalog) and format.cpp (→ canonical layout).
#pragma once

#include <string>
#include <vector>

#include "catalog/value.h"
#include "support/source_text.h"

namespace lockstep::parser::ast {

struct Identifier {
  std::string text;  // folded, unquoted
  support::Span span;
};

// One attribute a declaration states. `name` is an AttrSpec name of the node's kind, or of the language itself
// ("renamed_from", "backfill", "protect" …: listed in lower.cpp). Raw SQL texts are slices of the source.
struct Property {
  std::string name;
  catalog::Value value;
  support::Span span;  // of the value
};

// A piece of a declaration's head for the formatter: language words are laid out, raw slices kept as they are.
struct Piece {
  std::string text;
  bool raw = false;
};

struct Node {
  std::string kind;               // registry name ("table", "foreign_key"), or a directive ("manage", "ignore", "drop", "rows" …)
  std::vector<Identifier> name;   // one or two parts; empty: unnamed (PostgreSQL chooses)
  support::Span span;             // of the whole head
  std::vector<Property> properties;
  std::vector<Node> children;
  std::vector<Piece> head;        // for format.cpp
  bool block = false;             // written with { … }
  std::vector<std::string> comments_before;  // own lines, "-- …" or "/* … */", "" for one blank line between
  std::string comment_after;                 // on the same line as the end
  std::vector<std::string> comments_inside;  // before the closing brace
};

struct File {
  support::SourcePtr source;
  std::vector<Node> nodes;
  std::vector<std::string> comments_at_end;
};

}  // namespace lockstep::parser::ast
