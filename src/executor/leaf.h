// A relation whose rows a step in batches updates.
//
// Thread-safe for one session a thread.
#pragma once

#include <string>

#include "plan/plan.h"
#include "session/session.h"

namespace lockstep::executor {

// A relation with rows of its own: the step's table, a partition or a table that inherits.
struct Leaf {
  std::string name;  // qualified, as in the journal
  std::int64_t oid = 0;
  bool foreign = false;
  std::string code = {};  // what code_of() said as the step began
};

std::int64_t filenode_of(postgres::Session& session, const Leaf& leaf);
// Expressions were printed for the step's table and may contain its name.
std::string rows_of(const plan::Step& step, const Leaf& leaf);

// What PostgreSQL evaluates when a row of the relation is written, by OID and by whether it is enabled: triggers, rules,
// policies, constraints (those of domains in its columns too), generated columns, the types of its columns and casts of these,
// the tables that it is a partition of, and indexes that call what PostgreSQL didn't bring. It runs with the rights of who writes
// the row, and its author may be somebody else. Empty: another relation has its name now.
std::string code_of(postgres::Session& session, const Leaf& leaf);

struct LeafFacts {
  std::int64_t filenode = 0;  // another one: the relation was rewritten, which changes the meaning of block numbers
  std::string code;           // as code_of() says
  // Whether what is evaluated is what it was when the step began, and the relation still has its name.
  bool as_begun(const Leaf& leaf) const { return !code.empty() && code == leaf.code; }
};
// In one query. Holds until the end of a transaction that has at least ROW EXCLUSIVE on the relation.
LeafFacts facts_of(postgres::Session& session, const Leaf& leaf);

}  // namespace lockstep::executor
