// User triggers and rules that fire for rows that a restore writes: lists them, or turns them off.
#pragma once

#include <string>
#include <vector>

#include "executor/restore.h"
#include "session/session.h"

namespace lockstep::executor {

// "trigger touch on shop.orders", "rule log on shop.orders": those of the targets, their partitions and inheriting tables.
std::vector<std::string> fired_by(postgres::Session& session, const std::vector<Restoration>& all);

// Turns them off from construction to give_back(), in the caller's transaction, with DISABLE TRIGGER and DISABLE RULE. The lock
// of these statements (SHARE ROW EXCLUSIVE for triggers, ACCESS EXCLUSIVE for rules) blocks every other writer, so nobody
// else's rows miss them. Foreign keys are still checked. Rejected alternative: session_replication_role, which needs a
// superuser and disables foreign keys too. Throws CommandError{failed} if a table doesn't belong to the connected role.
class TriggersOff {
 public:
  TriggersOff(postgres::Session& session, const std::vector<Restoration>& all);
  void give_back();  // restores each one's state

 private:
  postgres::Session& session_;
  std::vector<support::Sql> enable_;
};

}  // namespace lockstep::executor
