// A plain SQL file as desired state: its statements, parsed far enough to know what may be done with each.
//
// PostgreSQL elaborates them; nothing here rewrites a definition. Statements that need a superuser are either turned into
// objects with parsed values (`objects`), or parsed and found to do nothing else (`superuser`).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "catalog/object.h"
#include "support/source_text.h"
#include "support/sql.h"

namespace lockstep::parser {

// Resets the settings that a script may set. The search_path is restored by the session (session.h).
inline constexpr support::Sql kNoSettings =
    "RESET default_table_access_method; RESET default_tablespace; RESET default_toast_compression; RESET xmloption;\n"
    "RESET TimeZone; RESET timezone_abbreviations; RESET DateStyle; RESET IntervalStyle; RESET extra_float_digits;\n"
    "RESET bytea_output; RESET xmlbinary; RESET array_nulls; RESET transform_null_equals; RESET lc_monetary;\n"
    "RESET lc_numeric; RESET lc_time; RESET default_text_search_config;\n";

// When a statement runs: owners after everything is created, grants and labels after the owners, who give them.
enum class Duty { make, own, grant };

struct Statement {
  support::Span span;  // without its ';' and the comments before it
  Duty duty = Duty::make;
  bool superuser = false;     // does nothing but what only a superuser may do, and evaluates no text of the file
  bool label = false;         // SECURITY LABEL: scratch may have to store it instead
  bool opens_schema = false;  // CREATE SCHEMA without elements: if it is declared elsewhere too, it is the same schema
  bool may_skip = false;      // IF [NOT] EXISTS: PostgreSQL may skip it with just a notice
  std::string settings;       // statements that restore what the file's SETs had set at this point; made from parsed values
  catalog::Path makes;        // the name of what it creates, schema first, a routine's with its argument types; empty: unknown
  bool routine = false;       // there may be several of this name
  std::string owner;          // Duty::own: the role that gets the object …
  std::size_t owner_at = 0;   // … and where its name begins in the span's text, which ends with it
};

struct Script {
  support::SourcePtr source;
  std::vector<Statement> statements;
  std::vector<std::pair<std::string, support::Span>> roles;  // that it refers to

  // An object that only a superuser may create, in the form of a declaration.
  struct Object {
    std::string kind;
    catalog::Path path;
    std::vector<std::pair<std::string, catalog::Value>> attributes;
    std::string comment;
    support::Span span, comment_span;
    bool if_missing = false;  // IF NOT EXISTS: several files may declare it
  };
  std::vector<Object> objects;
  // Owners that can't be set on scratch: {kind, name}, owner.
  std::vector<std::pair<std::pair<std::string, catalog::Path>, std::string>> owners;
};

}  // namespace lockstep::parser
