// Saves what a run is about to lose. Files are durable before the transaction that loses the rows commits.
#pragma once

#include <string>

#include "executor/backup.h"
#include "executor/durable_file.h"
#include "plan/plan.h"
#include "postgres/session.h"

namespace lockstep::executor {

// Writing failed: the run must stop before it loses anything. Says file and reason.
struct BackupError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

class BackupWriter {
 public:
  // Makes the run's folder and saves plan and catalog. A folder of the same run in this backup folder is gone on with.
  BackupWriter(const std::string& backup_folder, Manifest facts, const std::string& plan_json, const std::string& catalog_text);

  const std::string& folder() const { return folder_.path(); }
  // In the step's own locked transaction. A file of an earlier attempt at the step is replaced.
  // `attempt`: 1, or more where values that were recorded already are saved again; the newest one counts.
  BackupFile save(postgres::Session& session, const plan::Step& step, std::size_t loss, int attempt = 1);
  // After a step's last file, before its COMMIT.
  void write_manifest();

 private:
  void save_text(const std::string& name, const std::string& contents, const std::string& text);
  void replace(BackupFile file);
  Manifest manifest_;
  Folder folder_;
};

}  // namespace lockstep::executor
