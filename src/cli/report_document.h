// What `report` prints: what happened to each environment since a point in time, and how it stands now. For a weekly audit.
#pragma once

#include <string>
#include <vector>

#include "cli/places.h"
#include "cli/run_remarks.h"

namespace lockstep::cli {

struct ReportDocument {
  std::string since, until;  // ISO 8601 UTC, by this machine's clock
  struct One {
    Place place;  // with the runs since then only
    // The files that these runs saved, as the database recorded them.
    std::size_t saved_files = 0;
    std::int64_t saved_rows = 0;
    AllFacts facts;
  };
  std::vector<One> all;
};

// One file each.
extern const Renderer<ReportDocument> kReportText, kReportJson;
inline constexpr const Renderer<ReportDocument>* kReportFormats[] = {&kReportText, &kReportJson};

}  // namespace lockstep::cli
