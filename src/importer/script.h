// The statements of one migration file, in order, with their parse trees.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "support/diagnostic.h"
#include "support/source_text.h"

namespace lockstep::importer {

struct Piece {
  support::Span span;   // without its ';' and the comments before it
  nlohmann::json tree;  // {"CreateStmt": {…}}; null: newer than the parser, for PostgreSQL to read
  support::Span rows;   // of COPY … FROM stdin: the lines up to \.

  std::string node() const { return tree.is_null() || tree.empty() ? std::string() : tree.begin().key(); }
  const nlohmann::json& fields() const;
  std::string title() const;   // its first words, as messages name it
  support::Span head() const;  // its first line
};

struct Script {
  support::SourcePtr source;
  std::vector<Piece> pieces;
};

// Reports what is no SQL: psql commands but those that change nothing here, an open quote.
Script read_script(const support::SourcePtr& source, support::Diagnostics& diagnostics);

}  // namespace lockstep::importer
