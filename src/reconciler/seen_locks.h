// Which relations an open transaction on the copy has locked, under the names they had before it: what a step drops or
// renames is locked on the target under those.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "plan/lock.h"
#include "postgres/session.h"

namespace lockstep::reconciler {

struct SeenLock {
  std::string oid;
  std::string name;      // without its schema
  std::string relation;  // qualified
  plan::LockMode mode = plan::LockMode::none;
  bool implied = false;  // an index or an owned sequence whose table the step locks as hard: whoever uses it has locked that too
};

class SeenLocks {
 public:
  // Of user relations, ordered by name. `other` doesn't see the transaction's changes.
  std::vector<SeenLock> of_transaction(postgres::Session& session, postgres::Session& other);
  // A step may fall into several transactions here; the names are those before the first.
  void next_step() { names_.clear(); }

 private:
  struct Relation {
    std::string schema, name, kind;
    std::string of;  // OID of the table of an index, or of the table that owns a sequence; else empty
  };
  void name_relations(postgres::Session& other, const std::string& oids);

  std::map<std::string, Relation> names_;  // by OID
};

}  // namespace lockstep::reconciler
