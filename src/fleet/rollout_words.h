// What a rollout says as it ends early. Private to the rollout.
#pragma once

#include <string>

namespace lockstep::fleet::said {

inline constexpr const char* kNotOfTheFiles =
    "stale plan: what the schema files and the database are now makes another plan than the saved one (the files or the database "
    "changed, or a table grew; or the saved plan was edited). Nothing was changed; plan again";

inline std::string interrupted_after_all(const std::string& run) {
  return "interrupted after the last step: every step of run " + run +
         " is done and journalled. Run the same command again: it checks the outcome.";
}

}  // namespace lockstep::fleet::said
