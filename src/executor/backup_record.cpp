#include "executor/backup_record.h"

#include <algorithm>
#include <filesystem>

#include "executor/journal.h"
#include "executor/manifest.h"
#include "executor/run_record.h"
#include "support/error.h"

namespace lockstep::executor {

namespace {

namespace fs = std::filesystem;

bool holds(const std::string& folder, const std::string& file) {
  std::error_code ignored;
  return fs::exists(folder + "/" + file, ignored);
}

}  // namespace

BackupRecord::BackupRecord(postgres::Session& session) {
  if (!journal_exists(session)) return;
  journal_problem_ = verify_journal(session);
  const auto rows = session.query(
      "SELECT run, detail ->> 'plan_sha256', detail ->> 'catalog_sha256' FROM lockstep.event WHERE kind = 'run_started'", {});
  for (std::size_t row = 0; row < rows.size(); ++row) runs_[rows.text(row, 0)] = {rows.text(row, 1), rows.text(row, 2)};
  files_ = saved_files(session, "");
}

std::string BackupRecord::text_problem(const Manifest& manifest, const Texts& texts) const {
  for (const BackupFile& file : manifest.files) {
    const std::string& recorded = file.contents == "plan" ? texts.plan_sha256 : texts.catalog_sha256;
    if (file.contents != "rows" && !recorded.empty() && file.raw_sha256 != recorded)
      return "the manifest of backup " + manifest.folder + " says of " + file.file + " what the database did not record";
  }
  return "";
}

std::string BackupRecord::problem(const std::string& folder) const {
  const std::string name = fs::path(folder).filename().string();
  std::vector<SavedFile> here;
  for (const SavedFile& saved : files_) {
    const bool same_folder = fs::path(saved.folder).filename() == name || name.ends_with("-" + saved.run.substr(0, 8));
    if (same_folder && holds(folder, saved.file.file)) here.push_back(saved);
  }
  if (!holds(folder, kManifestName))
    return here.empty() ? "" : "manifest.json is missing, and the database recorded " + here.front().file.file + " there";
  try {
    const Manifest manifest = read_manifest(folder);
    const auto run = runs_.find(manifest.run);
    if (run == runs_.end() && here.empty()) return "";
    if (std::string problem = manifest_problem(folder, here); !problem.empty()) return problem;
    return run == runs_.end() ? "" : text_problem(manifest, run->second);
  } catch (const support::CommandError& error) {
    return error.what();
  }
}

bool BackupRecord::recorded(const std::string& run, const BackupFile& file) const {
  return std::any_of(files_.begin(), files_.end(),
                     [&](const SavedFile& saved) { return saved.run == run && saved.file.file == file.file; });
}

std::vector<SavedFile> BackupRecord::missing(const std::vector<std::string>& folders) const {
  std::vector<SavedFile> list;
  for (const SavedFile& saved : files_) {
    const bool there = std::any_of(folders.begin(), folders.end(), [&](const std::string& folder) {
      return folder.ends_with("-" + saved.run.substr(0, 8)) && holds(folder, saved.file.file);
    });
    if (!there && !holds(saved.folder, saved.file.file)) list.push_back(saved);
  }
  return list;
}

}  // namespace lockstep::executor
