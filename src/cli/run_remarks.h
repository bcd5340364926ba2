// What the journal says of a run beyond its steps: that it was a part, what was consented to, why it was given up. For `report`
// and `history`.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "executor/run_facts.h"
#include "executor/run_record.h"

namespace lockstep::cli {

using AllFacts = std::map<std::string, executor::RunFacts>;  // by run
const executor::RunFacts& facts_of(const AllFacts& all, const executor::RunRecord& run);

struct RunRemark {
  const char* label;  // "part", "adopted", "consents", "given up", "purged", "passed"
  std::string text;   // as people wrote it, on one line
};
std::vector<RunRemark> run_remarks(const executor::RunRecord& run, const executor::RunFacts& facts);
// The same as fields of the run's object: part, adopted, adopted_objects, consented, reasons.
void add_remarks(nlohmann::ordered_json& object, const executor::RunRecord& run, const executor::RunFacts& facts);

}  // namespace lockstep::cli
