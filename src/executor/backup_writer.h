// Saves what a run will lose. A file is flushed to disk before the transaction that loses its rows commits.
#pragma once

#include <map>
#include <string>

#include "executor/backup.h"
#include "executor/durable_file.h"
#include "plan/plan.h"
#include "session/session.h"

namespace lockstep::executor {

// Writing failed, so the run must stop before it loses anything. The message names the file and the reason.
struct BackupError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

class BackupWriter {
 public:
  // Creates the run's folder and saves plan and catalog. If the backup folder has a folder of this run already, continues in
  // it.
  BackupWriter(const std::string& backup_folder, Manifest facts, const std::string& plan_json, const std::string& catalog_text);

  const std::string& folder() const { return folder_.path(); }
  // Saves one loss of a step. Replaces a file that an earlier attempt left. `attempt`: 1, or more if recorded values are saved
  // again; the latest file counts. `declared`: by the names that the run has given to hidden columns, those that they get back,
  // and that the file has of them. REQUIRES: called in the step's own transaction, under its locks.
  BackupFile save(postgres::Session& session, const plan::Step& step, std::size_t loss, int attempt = 1,
                  const std::map<std::string, std::string>& declared = {});
  // REQUIRES: called after a step's last file and before its COMMIT.
  void write_manifest();

 private:
  void save_text(const std::string& name, const std::string& contents, const std::string& text);
  void replace(BackupFile file);
  Manifest manifest_;
  Folder folder_;
};

}  // namespace lockstep::executor
