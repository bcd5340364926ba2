// Which SQL statements may say what a database shall be: definitions. One row a statement PostgreSQL's parser knows.
#pragma once

#include <string>
#include <string_view>

namespace lockstep::parser {

enum class SqlUse {
  make,     // a definition: PostgreSQL runs it on scratch as it stands
  setting,  // SET of what definitions are read under
  grant,    // GRANT and REVOKE of privileges
  label,    // SECURITY LABEL
  own,      // ALTER … OWNER TO
  declare,  // only a superuser may: made from its parsed values
  skip,     // changes nothing here: a transaction around definitions
  refuse,
};

struct SqlRule {
  std::string_view node;  // of the parse tree; or, for what PostgreSQL 15 can't parse, leading words
  SqlUse use = SqlUse::refuse;
  std::string_view why = {};  // refused: because …
};

// By the node's name ("CreateStmt"). An unknown one is refused.
SqlRule sql_rule(std::string_view node);
// By how the statement begins ("CREATE OR REPLACE VIEW …"), for what the parser can't read.
SqlRule sql_rule_by_words(std::string_view statement);

}  // namespace lockstep::parser
