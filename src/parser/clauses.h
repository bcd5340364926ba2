// What the rules of the grammar mean: one line for each rule that declares an object or states a property. A rule that is not
// listed is only structure: its parts are read.
#pragma once

#include <cstdint>
#include <string_view>

namespace lockstep::parser {

// How a property's value is read from its rule.
enum class Shape {
  truth,      // true: the keywords alone state it
  falsehood,  // false
  words,      // the words in lower case, joined by a space; names folded
  name,       // one name
  names,      // all names, as a list
  columns,    // the same, if the rule contains more than names (`without overlaps`)
  laid_out,   // as the formatter prints it: keywords in lower case, SQL in parentheses unchanged
  raw,        // the source, from the first token to the last
  raw_item,   // the same as one element of a list
  inside,     // the source inside the parentheses
  insides,    // the same as one element of a list
  integer,
  text,     // a quoted text, decoded
  texts,    // all quoted texts, as a list
  bodies,   // the same, but SQL: no variables are replaced in it
  trimmed,  // a quoted text without the white space around it: a query
  options,  // "name=value" for each option, as a list
  action,   // words, and names in parentheses: "set null (a)"
};

struct Declaration {
  std::string_view rule;
  std::string_view kind;  // empty: the property "kind" is the kind
  bool inlined = false;   // written within the head of another declaration
};

struct Clause {
  std::string_view rule;
  std::string_view property;
  Shape shape = Shape::raw;
};

struct Meaning {
  const Declaration* declaration = nullptr;
  const Clause* clause = nullptr;
  bool raw = false;            // the formatter keeps it unchanged
  bool parenthesised = false;  // raw, but trimmed inside its parentheses
  bool glued = false;          // raw, with no space before it
  bool block = false;
  bool declared = false;  // the name of what is declared
  bool name = false;
  bool text = false;
  bool option = false;
};

// By the grammar's index of the rule.
const Meaning& meaning(std::uint16_t rule);

}  // namespace lockstep::parser
