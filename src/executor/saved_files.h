// The database's record of the files that runs saved (lockstep.backup), and finding those files.
//
// A saved file is trusted because of the database: lockstep.backup has its name, sizes, rows and SHA-256, committed with the
// step that saved it, and the journal's chain covers that row (record_digest) and the manifest's entry (entry_digest of
// manifest.h). The manifest alone proves nothing, since whoever edits it can recompute its digest.
#pragma once

#include <string>
#include <vector>

#include "executor/backup.h"
#include "session/session.h"

namespace lockstep::executor {

struct SavedFile {
  std::string run, folder;  // as recorded when it was written: an absolute path on the machine that ran the step
  BackupFile file;          // without query and columns
  std::string entry;        // digest of the manifest's entry according to the journal; empty: an older version saved it
};

// "s02-1.copy.zst", or "s02-1.2.copy.zst" if the values were saved a second time.
std::string saved_file_name(const std::string& step, std::size_t loss, int attempt);
int attempt_of(const std::string& file);

// What a run recorded, in the order of its steps; of values that were saved more than once, the latest file only. `run` empty:
// of all runs, oldest first. Reads only.
std::vector<SavedFile> saved_files(postgres::Session& session, const std::string& run);

// SHA-256 over the columns of a row of lockstep.backup.
std::string record_digest(const SavedFile& saved);
// How lockstep.backup differs from what the journal's events say was saved; empty: not at all.
std::string record_problem(postgres::Session& session);

// A file as it was found on disk.
struct Found {
  std::string folder;   // where it was found, or looked for last
  std::string problem;  // empty: it exists and is intact
  bool missing = false;
};
// Looks in the recorded folder, then for the run's folder in `store` (for another machine or another working folder). Reads
// every byte.
Found find_saved(const SavedFile& saved, const std::string& store);
// The folders that a run may have: the recorded one, then those in `store`.
std::vector<std::string> folders_of(const std::string& run, const std::string& recorded, const std::string& store);

// How the manifest of `folder` differs from what the database recorded of the files in it (`saved`, all of one run). Files that
// the database doesn't know are no difference, since their step was rolled back. Empty: not at all.
std::string manifest_problem(const std::string& folder, const std::vector<SavedFile>& saved);

// A text that changes whenever the file is written, replaced or moved; empty: it doesn't exist. It shows, without reading the
// file again, that it has not changed since it was read.
std::string file_signature(const std::string& path);

}  // namespace lockstep::executor
