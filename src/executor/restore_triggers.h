// User triggers and rules that act on rows which a restore writes: named before, or kept from acting.
#pragma once

#include <string>
#include <vector>

#include "executor/restore.h"
#include "postgres/session.h"

namespace lockstep::executor {

// "trigger touch on shop.orders", "rule log on shop.orders": of the targets, their partitions and inheriting tables.
std::vector<std::string> fired_by(postgres::Session& session, const std::vector<Restoration>& all);

// Off from construction to give_back(), within the caller's transaction: DISABLE TRIGGER and RULE, one by one. The lock that
// takes (SHARE ROW EXCLUSIVE for triggers, ACCESS EXCLUSIVE for rules) keeps every other writer waiting, so nobody else's rows go
// without them. Foreign keys are still checked. Rejected: session_replication_role, which needs a superuser and silences
// foreign keys too. Throws CommandError{failed} where a table isn't the connected role's.
class TriggersOff {
 public:
  TriggersOff(postgres::Session& session, const std::vector<Restoration>& all);
  void give_back();  // each as it was

 private:
  postgres::Session& session_;
  std::vector<support::Sql> enable_;
};

}  // namespace lockstep::executor
