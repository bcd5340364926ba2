// Why a run was started and from what: what its journal says beside who did it. Pure.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

namespace lockstep::executor {

struct Provenance {
  std::string message;                 // `apply -m`
  std::string commit, branch, author;  // of the git repository that lockstep.yaml or the files are in; empty: there is none
  bool clean = false;                  // nothing in its working tree differs from that commit; meaningful only with a commit
  std::string job;                     // the URL of the CI job, or its name and number
  std::string declarations;            // parser::Declared::declarations; empty: a plan without files
  std::string promoted_by;             // what shows that they were applied and verified upstream
  std::string unpromoted;              // why that was not asked (`--force-promotion`)
  std::vector<std::string> backups;    // that `backup: also:` has made
  std::vector<std::string> approvals;  // whose signatures the plan had

  bool empty() const;
};

// Only what is known. A journal written by an earlier version has no such object.
nlohmann::ordered_json to_json(const Provenance& provenance);
Provenance provenance_from(const nlohmann::ordered_json& object);

}  // namespace lockstep::executor
