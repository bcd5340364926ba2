// What `backup list` and `backup show` print.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "cli/renderer.h"
#include "executor/backup.h"
#include "executor/rehearsal.h"

namespace lockstep::cli {

// The last rehearsal of each backup, by its folder: as the database's journal has it, or without a database as the stamp in the
// folder says.
using RehearsedBackups = std::map<std::string, executor::Rehearsal>;

struct BackupsDocument {
  std::vector<executor::Manifest> backups;  // oldest first
  std::string none;                         // a sentence for when there are none
  RehearsedBackups rehearsed;
};

// Of one run. There is more than one if the run was resumed from another place.
struct RunBackups {
  std::vector<executor::Manifest> backups;
  RehearsedBackups rehearsed;
};

std::int64_t rows_of(const executor::Manifest& manifest);
std::int64_t bytes_of(const executor::Manifest& manifest);  // as stored

// A file a format has both.
extern const Renderer<BackupsDocument> kBackupsText, kBackupsJson;
inline constexpr const Renderer<BackupsDocument>* kBackupsFormats[] = {&kBackupsText, &kBackupsJson};
extern const Renderer<RunBackups> kRunBackupsText, kRunBackupsJson;
inline constexpr const Renderer<RunBackups>* kRunBackupsFormats[] = {&kRunBackupsText, &kRunBackupsJson};

}  // namespace lockstep::cli
