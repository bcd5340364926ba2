// Backups on disk compared with what a database recorded of them. A folder that agrees with its own manifest only agrees with
// itself; this says whether it is the one that was written.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "executor/backup.h"
#include "executor/saved_files.h"
#include "postgres/session.h"

namespace lockstep::executor {

class BackupRecord {
 public:
  // Reads the journal and checks its chain. A database without a journal knows no run.
  explicit BackupRecord(postgres::Session& session);

  const std::string& journal_problem() const { return journal_problem_; }  // verify_journal's words; empty: intact
  bool knows(const std::string& run) const { return runs_.contains(run); }
  // What a folder's manifest says and the database did not record, or the other way round; a folder that lost its manifest
  // though its run saved rows there. Empty: they agree, or the database knows nothing of the run.
  std::string problem(const std::string& folder) const;
  // Whether the run committed this file as the newest of its values.
  bool recorded(const std::string& run, const BackupFile& file) const;
  // Files that were recorded and stand in none of these folders.
  std::vector<SavedFile> missing(const std::vector<std::string>& folders) const;

 private:
  struct Texts {
    std::string plan_sha256, catalog_sha256;  // empty: not recorded
  };
  std::string text_problem(const Manifest& manifest, const Texts& texts) const;

  std::string journal_problem_;
  std::map<std::string, Texts> runs_;
  std::vector<SavedFile> files_;
};

}  // namespace lockstep::executor
