// What `backup list` and `backup show` print.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "cli/renderer.h"
#include "executor/backup.h"

namespace lockstep::cli {

struct BackupsDocument {
  std::vector<executor::Manifest> backups;  // oldest first
  std::string none;                         // a sentence for when there are none
};

// Of one run. There is more than one if the run was resumed from another place.
using RunBackups = std::vector<executor::Manifest>;

std::int64_t rows_of(const executor::Manifest& manifest);
std::int64_t bytes_of(const executor::Manifest& manifest);  // as stored

// A file a format has both.
extern const Renderer<BackupsDocument> kBackupsText, kBackupsJson;
inline constexpr const Renderer<BackupsDocument>* kBackupsFormats[] = {&kBackupsText, &kBackupsJson};
extern const Renderer<RunBackups> kRunBackupsText, kRunBackupsJson;
inline constexpr const Renderer<RunBackups>* kRunBackupsFormats[] = {&kRunBackupsText, &kRunBackupsJson};

}  // namespace lockstep::cli
