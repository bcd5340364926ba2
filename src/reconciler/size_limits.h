// Which tables a step reads or copies while others wait, only because they were small when the plan was made (docs/adr/0036).
// Seen by the proof: PostgreSQL reports what it rewrites, verifies and builds on.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>

#include "catalog/catalog.h"
#include "catalog/intent.h"
#include "kinds/kind.h"
#include "plan/step.h"
#include "reconciler/seen_locks.h"
#include "session/session.h"

namespace lockstep::reconciler {

// Qualified names of the live tables whose declarations say `offline`, with their partitions. Everybody may wait for them.
std::set<std::string> declared_offline(const catalog::Catalog& live, const catalog::Intents& intents);

class SizeLimits {
 public:
  // `copy`: before the first step, with the names of the live database. A table without a fact has no limit.
  SizeLimits(postgres::Session& copy, const std::map<catalog::ObjectId, kinds::TableFacts>& facts,
             const std::set<std::string>& offline);

  void next_step();
  void locked(const SeenLock& lock);
  void notice(const std::string& message);  // after the locks of its transaction
  // `promised`: the recipe said that the step reads, rewrites or builds.
  void set(plan::Step& step, bool promised) const;

 private:
  struct Table {
    std::string name;  // without its schema
    std::int64_t bytes = 0;
  };
  void read(plan::Step& step, const std::string& relation) const;

  std::map<std::string, std::int64_t> small_;  // by OID on the copy
  // Of this step:
  std::map<std::string, Table> locked_;  // those that keep writers out, by qualified name
  std::set<std::string> read_;           // of those
};

}  // namespace lockstep::reconciler
