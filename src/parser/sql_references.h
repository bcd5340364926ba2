// The names that an SQL text, or the body of a routine, refers to. They are read from parse trees and not resolved.
//
// PostgreSQL records no dependencies for the text of a body, so a rename or drop has to look here.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace lockstep::parser {

using Name = std::vector<std::string>;  // as written, folded: {"t"}, {"app", "t"}

struct Reference {
  enum class What {
    relation,   // name: of a table, view …
    column,     // name: {column}; `of`: the relations that it may belong to
    positions,  // INSERT without a column list; `of`: its relation
    star,       // SELECT *, of these relations
    routine,    // name; `arguments`: the number of arguments of the call
    type,       // name; "t%ROWTYPE" is a relation, "t.c%TYPE" a column
    literal,    // name: {text}: may be a value of an enum
    dynamic,    // name: {text}: a piece of a statement that EXECUTE runs
  };
  What what = What::relation;
  Name name;
  std::vector<Name> of;  // nearest first
  std::string through;   // for a column: of this variable (NEW, a record), if no relation of the statement has it
  bool certain = true;   // false: it may refer to a local variable, a subquery or another relation instead
  int arguments = -1;    // -1: unknown
  int line = 0;          // of the body, counted as in PostgreSQL's errors
};

// The references of one statement or expression. `line`: its first line. nullopt: PostgreSQL 15's grammar can't parse it.
std::optional<std::vector<Reference>> references_of_sql(std::string_view text, int line, const std::set<std::string>& variables);

struct Body {
  std::string language;   // "sql", "plpgsql" …
  std::string arguments;  // as pg_get_function_arguments prints them
  std::string result;     // "trigger", "TABLE(x integer)"; empty: a procedure
  std::string text;
};
struct BodyReferences {
  // false: another language, a text that can't be parsed, or one that is too large; only words can be searched then
  bool parsed = false;
  std::vector<Reference> references;
  std::set<std::string> variables;
  std::map<std::string, Name> rows;                 // variables declared with a relation's or type's row type
  std::map<std::string, std::vector<Name>> filled;  // records, and the relations whose rows are assigned to them
};
BodyReferences references_of(const Body& body);

// The lines of the text that contain this word as a whole word, ignoring case.
std::vector<int> lines_with_word(std::string_view text, std::string_view word);

}  // namespace lockstep::parser
