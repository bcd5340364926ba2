// What the journal says of runs for an audit: what was consented to, why something was done, whether it was an adoption. Reads
// only.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "plan/hazard.h"
#include "session/session.h"

namespace lockstep::executor {

struct RunFacts {
  std::vector<plan::Hazard> consented;  // when it was started; of each only kind, object and step
  // Why somebody gave it up ("superseded"), purged it before its time ("early") or passed its gate although old names were in use
  // ("still_used"), in order.
  std::vector<std::pair<std::string, std::string>> reasons;
  bool adopted = false;  // it has no steps: what stood in the database was recorded, and that was something else than before
  // What somebody had changed by hand and was recorded with it: "+ table shop.notes". Runs with steps have this too.
  std::vector<std::string> adopted_objects;
};

// By run; a run of which nothing of this is known is left out.
std::map<std::string, RunFacts> run_facts(postgres::Session& session);

}  // namespace lockstep::executor
