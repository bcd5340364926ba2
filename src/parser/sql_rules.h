// Which SQL statements may be part of a desired state: definitions. One row for each statement of PostgreSQL's parser.
#pragma once

#include <string>
#include <string_view>

namespace lockstep::parser {

enum class SqlUse {
  make,     // a definition: runs on scratch unchanged
  setting,  // SET of a setting that affects definitions
  grant,    // GRANT and REVOKE of privileges
  label,    // SECURITY LABEL
  own,      // ALTER … OWNER TO
  declare,  // needs a superuser: created from its parsed values
  skip,     // changes nothing here: a transaction around definitions
  refuse,
};

struct SqlRule {
  std::string_view node;  // the node of the parse tree; for what PostgreSQL 15 can't parse, leading words
  SqlUse use = SqlUse::refuse;
  std::string_view why = {};  // if refused: the reason
};

// By the node's name ("CreateStmt"). Unknown statements are refused.
SqlRule sql_rule(std::string_view node);
// By the statement's first words ("CREATE OR REPLACE VIEW …"), for what the parser can't parse.
SqlRule sql_rule_by_words(std::string_view statement);

}  // namespace lockstep::parser
