// The relations that an open transaction on the copy has locked, under the names that they had before it. The target locks what
// a step drops or renames under those names.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "plan/lock.h"
#include "session/session.h"
#include "support/sql.h"

namespace lockstep::reconciler {

struct SeenLock {
  std::string oid;
  std::string name;      // without its schema
  std::string relation;  // qualified
  plan::LockMode mode = plan::LockMode::none;
  // an index or owned sequence whose table the step locks at least as strongly; whoever uses it has locked the table
  bool implied = false;
  bool of_table = false;  // a table that isn't a view, or an index or owned sequence of one that is locked too
};

class SeenLocks {
 public:
  // What the transaction has to be asked.
  static support::Sql question();
  // Locks on user relations, ordered by name. `answer`: to question(). `other`: a session that doesn't see the transaction's
  // changes.
  std::vector<SeenLock> of_transaction(const postgres::Result& answer, postgres::Session& other);
  // A step may need several transactions here; the names are those before the first of them. `all`: the last step may have
  // renamed relations that it didn't lock.
  void next_step(bool all);

 private:
  struct Relation {
    std::string schema, name, kind;
    std::string of;  // OID of the table of an index, or of the table that owns a sequence; else empty
  };
  void name_relations(postgres::Session& other, std::set<std::string> oids);

  std::map<std::string, Relation> names_;        // by OID
  std::set<std::string> locked_;                 // by this step
  std::set<std::string> stale_;                  // had names before a step that may have renamed them
  std::set<const postgres::Session*> prepared_;  // have the statement that names relations
};

}  // namespace lockstep::reconciler
