// What a text of SQL, or the body of a routine, refers to by name: read from parse trees, not resolved.
//
// PostgreSQL keeps no dependencies for what stands in a body's text, so whoever renames or drops something must look here.
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
    column,     // name: {column}; `of`: the relations it may belong to
    positions,  // INSERT without a column list; `of`: its relation
    star,       // SELECT *, of these relations
    routine,    // name; `arguments`: how many it is called with
    type,       // name; "t%ROWTYPE" is a relation, "t.c%TYPE" a column
    literal,    // name: {text}: may be a value of an enum
    dynamic,    // name: {text}: a piece of a statement that EXECUTE makes
  };
  What what = What::relation;
  Name name;
  std::vector<Name> of;  // nearest first
  std::string through;   // column: of this variable (NEW, a record), when it is none of a relation in the statement
  bool certain = true;   // false: a local variable, a subquery or another relation may be meant instead
  int arguments = -1;    // -1: not said
  int line = 0;          // of the body, as PostgreSQL counts in its errors
};

// Of one statement, or of an expression. `line`: where it begins. nullopt: PostgreSQL 15's grammar can't read it.
std::optional<std::vector<Reference>> references_of_sql(std::string_view text, int line, const std::set<std::string>& variables);

struct Body {
  std::string language;   // "sql", "plpgsql" …
  std::string arguments;  // as pg_get_function_arguments prints them
  std::string result;     // "trigger", "TABLE(x integer)"; empty: a procedure
  std::string text;
};
struct BodyReferences {
  bool parsed = false;  // false: another language, a text that can't be read, or one too large: only words can be looked for
  std::vector<Reference> references;
  std::set<std::string> variables;
  std::map<std::string, Name> rows;                 // variables declared as a relation's or type's row
  std::map<std::string, std::vector<Name>> filled;  // records, and the relations whose rows they were filled with
};
BodyReferences references_of(const Body& body);

// Lines of the text where this word stands by itself, in whatever case.
std::vector<int> lines_with_word(std::string_view text, std::string_view word);

}  // namespace lockstep::parser
