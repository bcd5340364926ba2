// `after: staging`: an environment gets only declarations that were applied to another one before, verified there, and up to the
// same phase.
//
// The declarations are known by the digest of their formatted text, before variables are replaced. The evidence is the journal of
// the upstream database, or an attestation (attestation.h) where that can't be read or `evidence: attestation` says so.
#pragma once

#include <string>
#include <vector>

#include "elaborator/options.h"
#include "executor/run_record.h"
#include "fleet/approval.h"
#include "plan/phase_name.h"

namespace lockstep::fleet {

struct Upstream {
  std::string environment;  // its name; empty: there is none
  std::string url;          // a secret; empty: it isn't known here
  std::string problem;      // why the URL is not known
  std::string attestation;  // the file that may stand for its journal; it need not exist
  bool asked = true;        // whether its journal is asked; false: `evidence: attestation`
  Approvers approvers;      // whose attestations count
  std::string identity;     // of its database, as lockstep.lock has it; empty: unknown
  std::string lock_path;    // of lockstep.lock
};

struct Evidence {
  std::string run;      // of the upstream journal; empty: there is none
  std::string missing;  // what is missing, if there is none: a sentence about the upstream environment
};

// `until`: the phase up to which the declarations are to be applied downstream. Pure.
Evidence evidence_of(const std::vector<executor::RunRecord>& upstream, const std::string& declarations, plan::Phase until);
// Reads the upstream journal, or the attestation. Returns what goes into Provenance::promoted_by. Throws RefusedError that says
// what is missing and what to do, also where the upstream database can't be asked. `target`: the downstream database, whose
// journal says which attestation was the last to be accepted. `options`: for comparing the upstream database with what was
// applied to it, since one that somebody has changed by hand is no evidence.
std::string require_promoted(const Upstream& upstream, const std::string& declarations, plan::Phase until,
                             const std::string& environment, postgres::Session& target, const elaborator::Options& options);
// Journals (event `promoted`) on what attestation a run passed its gate; nothing for other evidence. REQUIRES: the caller holds
// the run lock.
void note_promoted(postgres::Session& target, const std::string& run, const std::string& promoted_by);

}  // namespace lockstep::fleet
