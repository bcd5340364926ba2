// `after: staging`: an environment gets only declarations that were applied to another one before, verified there, and up to the
// same phase.
//
// The declarations are known by the digest of their formatted text, before variables are replaced. The evidence is the journal of
// the upstream database.
#pragma once

#include <string>
#include <vector>

#include "executor/run_record.h"
#include "plan/phase_name.h"

namespace lockstep::fleet {

struct Upstream {
  std::string environment;  // its name; empty: there is none
  std::string url;          // a secret; empty: it isn't known here
  std::string problem;      // why the URL is not known
};

struct Evidence {
  std::string run;      // of the upstream journal; empty: there is none
  std::string missing;  // what is missing, if there is none: a sentence about the upstream environment
};

// `until`: the phase up to which the declarations are to be applied downstream. Pure.
Evidence evidence_of(const std::vector<executor::RunRecord>& upstream, const std::string& declarations, plan::Phase until);
// Reads the upstream journal. Returns what goes into Provenance::promoted_by. Throws RefusedError that says what is missing and
// what to do, also where the upstream database can't be asked.
std::string require_promoted(const Upstream& upstream, const std::string& declarations, plan::Phase until,
                             const std::string& environment);

}  // namespace lockstep::fleet
