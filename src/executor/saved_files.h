// The database's own record of the files that runs saved (lockstep.backup), and what became of those files.
//
// A saved file is trusted when the database says so: its name, sizes, rows and SHA-256 stand in lockstep.backup, committed with
// the step that saved it, and the journal's chain covers that row (record_digest) and the manifest's entry (entry_digest of
// manifest.h). The manifest alone proves nothing: whoever edits it can compute its digest again.
#pragma once

#include <string>
#include <vector>

#include "executor/backup.h"
#include "postgres/session.h"

namespace lockstep::executor {

struct SavedFile {
  std::string run, folder;  // as recorded when it was written: absolute, on the machine that ran the step
  BackupFile file;          // without query and columns
  std::string entry;        // digest of the manifest's entry as the journal has it; empty: saved by a version that didn't say
};

// "s02-1.copy.zst", and "s02-1.2.copy.zst" where the values were saved a second time.
std::string saved_file_name(const std::string& step, std::size_t loss, int attempt);
int attempt_of(const std::string& file);

// What a run recorded, in the order of its steps; where values were saved more than once, the newest only. Reads only.
// `run` empty: of all runs, oldest first.
std::vector<SavedFile> saved_files(postgres::Session& session, const std::string& run);

// SHA-256 over the columns of a row of lockstep.backup.
std::string record_digest(const SavedFile& saved);
// What differs between lockstep.backup and what the journal's events say was saved; empty: nothing.
std::string record_problem(postgres::Session& session);

// A file as it is found now.
struct Found {
  std::string folder;   // where it was looked for last, or found
  std::string problem;  // empty: it is there and whole
  bool missing = false;
};
// Looks in the folder that was recorded, then for the run's folder in `store` (another machine, another working folder).
// Reads every byte.
Found find_saved(const SavedFile& saved, const std::string& store);
// Where the folders of a run may be: as recorded, then those in `store`.
std::vector<std::string> folders_of(const std::string& run, const std::string& recorded, const std::string& store);

// How the manifest of `folder` differs from what the database recorded of the files there (`saved`, all of one run).
// Files that the database knows nothing of are no difference: their step was rolled back. Empty: it says the same.
std::string manifest_problem(const std::string& folder, const std::vector<SavedFile>& saved);

// Changes whenever the file is written, replaced or moved; empty: it is not there. To see that a file which was read a moment
// ago is still the same, without reading it again.
std::string file_signature(const std::string& path);

}  // namespace lockstep::executor
