// What `history` prints: all runs, or one.
#pragma once

#include <chrono>
#include <optional>
#include <vector>

#include "cli/renderer.h"
#include "cli/run_remarks.h"
#include "executor/journal.h"
#include "executor/run_record.h"

namespace lockstep::cli {

struct Runs {
  std::vector<executor::RunRecord> all;  // newest first
  AllFacts facts;
};

struct RunDocument {
  executor::RunRecord run;
  std::vector<executor::Event> events;  // of the run, in order
  executor::RunFacts facts;
};

// nullopt: the run has not ended.
std::optional<std::chrono::milliseconds> run_time(const executor::RunRecord& run);

// A file a format has both.
extern const Renderer<Runs> kHistoryText, kHistoryJson;
inline constexpr const Renderer<Runs>* kHistoryFormats[] = {&kHistoryText, &kHistoryJson};
extern const Renderer<RunDocument> kRunText, kRunJson;
inline constexpr const Renderer<RunDocument>* kRunFormats[] = {&kRunText, &kRunJson};

}  // namespace lockstep::cli
