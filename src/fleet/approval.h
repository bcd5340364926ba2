// Approvals of a plan file: signatures of its bytes for one environment, by keys that are in the repository.
//
// They stand in a file beside it, PLAN.json.approvals:
//   {"format": "lockstep-approvals/1", "approvals": [{"by", "at", "environment", "signature"}, …]}
// A signature covers the SHA-256 of the plan file, so every field of it, and all of the others here. The public keys are files
// NAME.pub in the folder `approvers:` of lockstep.yaml. A plan names its database and what it has read there, so it can't be used
// elsewhere; one that was run already is refused, whatever has become of it since.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "executor/run_record.h"
#include "support/source_text.h"

namespace lockstep::fleet {

struct Approval {
  std::string by, at, environment, signature;  // `at`: ISO 8601 UTC
};

using Approvers = std::map<std::string, std::string>;  // name → public key

// What the journal and the error messages need of a plan file for an environment that requires approvals.
struct Approvals {
  int required = 0;
  std::string plan_sha256;  // of the file's bytes; empty: no plan file was given
  std::vector<Approval> given;
  Approvers approvers;
};

std::vector<Approval> read_approvals(const support::SourceText& file);  // throws UsageError
std::string to_text(const std::vector<Approval>& approvals);
// The files NAME.pub of a folder. A missing folder has none.
Approvers approvers_in(const std::string& folder);
// Those that count: where lockstep.yaml's folder is in a git repository with a commit, only keys that are in the commit as they
// stand, so that nobody adds one of his own beside it.
Approvers reviewed_approvers(const std::string& folder, const std::string& project);
Approval approve(const std::string& plan_sha256, const std::string& environment, const std::string& by, const std::string& at,
                 const std::string& secret);
// The approvers whose signatures count, each once.
std::vector<std::string> who_approved(const Approvals& approvals, const std::string& environment);
// Returns who approved. Throws RefusedError that says what is missing. `runs`: of the journal.
std::vector<std::string> require_approved(const Approvals& approvals, const std::string& plan_digest,
                                          const std::vector<executor::RunRecord>& runs, const std::string& environment);

}  // namespace lockstep::fleet
