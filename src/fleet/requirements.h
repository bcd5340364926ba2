// `require:` of an environment: what must be true of the schema files' repository and of the plan's review before anything is
// applied.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "fleet/repository.h"
#include "session/session.h"

namespace lockstep::fleet {

struct Requirements {
  std::string branch;       // HEAD is this branch
  bool clean = false;       // the working tree is the commit
  bool up_to_date = false;  // the commit is that of the branch in the remote repository
  int approvals = 0;        // signatures of the plan file

  bool of_repository() const { return !branch.empty() || clean || up_to_date; }
  bool empty() const { return !of_repository() && approvals == 0; }
};

// One line for each that is not met, "the working tree has changes that are not committed".
std::vector<std::string> unmet(const Requirements& required, const std::optional<Repository>& repository);
// The same of the files that were read: with `clean` they are what the commit has (committed.h), else it has them at least.
// `repository`: absent: no line, unmet() says so.
std::vector<std::string> unmet_by_files(const Requirements& required, const std::optional<Repository>& repository,
                                        const std::vector<std::string>& files);
// Throw RefusedError that names what is not met. `configuration`: the path of lockstep.yaml, which is one of the files.
void require_repository(const Requirements& required, const std::optional<Repository>& repository,
                        const std::string& configuration, const std::string& environment);
void require_committed(const Requirements& required, const std::optional<Repository>& repository,
                       const std::vector<std::string>& files, const std::string& environment);

// `backup: rehearsed_within:`. A database that has saved nothing yet has nothing to rehearse, and is let through. Throws
// RefusedError that says when the last rehearsal was and what to do.
void require_rehearsed(postgres::Session& session, std::chrono::hours within, const std::string& environment);

}  // namespace lockstep::fleet
