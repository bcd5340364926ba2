// Compares backups on disk with what the database recorded of them. A manifest only proves that a folder is consistent with
// itself; the database's record proves that it is the folder that was written.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "executor/backup.h"
#include "executor/saved_files.h"
#include "session/session.h"

namespace lockstep::executor {

class BackupRecord {
 public:
  // Reads the journal and verifies its hash chain. Without a journal, no run is known.
  explicit BackupRecord(postgres::Session& session);

  const std::string& journal_problem() const { return journal_problem_; }  // verify_journal()'s text; empty: intact
  const std::vector<SavedFile>& files() const { return files_; }           // of all runs, oldest first
  bool knows(const std::string& run) const { return runs_.contains(run); }
  // How the folder's manifest differs from what the database recorded; or that the manifest is missing although the run saved
  // rows in the folder. Empty: they agree, or the database doesn't know the run.
  std::string problem(const std::string& folder) const;
  // Whether the run recorded this file as the latest one for its values.
  bool recorded(const std::string& run, const BackupFile& file) const;
  // The recorded files that are in none of these folders.
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
