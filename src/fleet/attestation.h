// A signed statement that an environment has certain declarations, applied and verified: evidence for `after:` where the upstream
// journal can't be read.
//
// It is a file, attestations/ENVIRONMENT.json beside lockstep.yaml:
//   {"format": "lockstep-attestation/1", "environment", "identity", "database", "declarations", "phase", "run", "at", "expires",
//   "by",
//    "signature"}
// The signature (Ed25519) covers all of the others. It counts if it is by a key in the folder `approvers:`, of the environment
// that `after:` names and of the database that lockstep.lock knows as that, for these very declarations, up to the phase that is
// to be run, not expired, and not older than the last one that was accepted here (executor::Provenance::attested): an old
// statement must not bring back what was true once.
#pragma once

#include <string>

#include "fleet/approval.h"
#include "plan/step.h"
#include "support/source_text.h"

namespace lockstep::fleet {

struct Attestation {
  std::string environment;
  std::string identity, database;  // lockstep.identity's uuid, and the name
  std::string declarations;        // parser::Declared::declarations
  std::string phase;               // up to the end of which they were applied
  std::string run;                 // that did it
  std::string at, expires;         // when the database was seen to be so; ISO 8601 UTC, whole seconds
  std::string by, signature;
};

std::string to_text(const Attestation& attestation);
Attestation signed_by(Attestation attestation, const std::string& secret);  // throws UsageError
// Throws RefusedError if the text is no attestation.
Attestation read_attestation(const support::SourceText& file);

// What it has to be good for.
struct Wanted {
  std::string environment, declarations;
  plan::Phase until = plan::Phase::contract;
  std::string identity;       // that lockstep.lock has of the environment; empty: none
  std::string now;            // ISO 8601 UTC
  std::string last_accepted;  // Attestation::at of the newest that was accepted here; empty: none
};
// Why it doesn't count, a sentence; empty: it does. Pure.
std::string flaw_of(const Attestation& attestation, const Approvers& approvers, const Wanted& wanted);

}  // namespace lockstep::fleet
