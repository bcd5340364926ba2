#include <algorithm>
#include <filesystem>
#include <system_error>

#include "executor/backup.h"
#include "executor/durable_file.h"
#include "executor/manifest.h"
#include "executor/rehearsal.h"
#include "support/digest.h"
#include "support/error.h"
#include "support/sql_text.h"

namespace lockstep::executor {

namespace {

namespace fs = std::filesystem;
using support::CommandError;
using support::ExitCode;

std::int64_t rows_in(std::string_view copy_text) {
  return std::count(copy_text.begin(), copy_text.end(), '\n');
}

}  // namespace

// Damage may stop zstd early, so the stored bytes are checked first.
std::string file_problem(const std::string& folder, const BackupFile& file) {
  const std::string path = folder + "/" + file.file;
  support::Sha256 digest;
  std::int64_t bytes = 0, rows = 0;
  try {
    if (file_sha256(path) != file.stored_sha256) return file.file + ": its contents are not those that were saved";
    if (file.contents != "rows") return "";
    CompressedReader reader(path);
    for (std::string piece = reader.next(); !piece.empty(); piece = reader.next()) {
      digest.update(piece);
      bytes += static_cast<std::int64_t>(piece.size());
      rows += rows_in(piece);
    }
  } catch (const std::exception& error) {
    return file.file + ": " + error.what();
  }
  if (digest.hex() != file.raw_sha256 || bytes != file.raw_bytes) return file.file + ": its rows are not those that were saved";
  if (rows != file.rows) {
    return file.file + ": holds " + std::to_string(rows) + " rows, " + std::to_string(file.rows) + " were saved";
  }
  return "";
}

Manifest read_manifest(const std::string& folder) {
  std::string text;
  try {
    text = read_file(folder + "/" + kManifestName);
  } catch (const std::system_error& error) {
    throw CommandError(ExitCode::failed, "no backup in " + folder + ": " + error.what());
  }
  try {
    Manifest manifest = manifest_from_json(text);
    manifest.folder = folder;
    return manifest;
  } catch (const std::exception& error) {
    throw CommandError(ExitCode::mismatch, "the manifest of backup " + folder + " can't be trusted: " + error.what());
  }
}

std::vector<Manifest> list_backups(const std::string& backup_folder) {
  std::vector<Manifest> list;
  std::error_code error;
  for (const auto& database : fs::directory_iterator(backup_folder, error)) {
    if (!database.is_directory()) continue;
    for (const auto& run : fs::directory_iterator(database.path(), error)) {
      try {
        list.push_back(read_manifest(run.path().string()));
      } catch (const CommandError&) {  // killed before its first manifest, or damaged: verify_backup() tells which
      }
    }
  }
  std::sort(list.begin(), list.end(),
            [](const Manifest& a, const Manifest& b) { return std::tie(a.started, a.folder) < std::tie(b.started, b.folder); });
  return list;
}

std::vector<std::string> backup_folders(const std::string& backup_folder) {
  std::vector<std::string> folders;
  std::error_code error;
  for (const auto& database : fs::directory_iterator(backup_folder, error)) {
    if (!database.is_directory()) continue;
    for (const auto& run : fs::directory_iterator(database.path(), error))
      if (run.is_directory()) folders.push_back(run.path().string());
  }
  std::sort(folders.begin(), folders.end());
  return folders;
}

bool unfinished_backup(const std::string& folder) {
  std::error_code error;
  if (fs::exists(folder + "/" + kManifestName, error)) return false;
  for (const auto& entry : fs::directory_iterator(folder, error))
    if (entry.path().filename().string().ends_with(".copy.zst")) return false;
  return true;
}

void remove_backup(const std::string& folder) {
  for (const auto& entry : fs::directory_iterator(folder)) {
    const std::string name = entry.path().filename().string();
    const bool ours = name == kManifestName || name == "plan.json" || name == "catalog.txt" || name == kStampName ||
                      name.ends_with(".copy.zst") || name.ends_with(".tmp");
    if (!ours || !entry.is_regular_file())
      throw CommandError(ExitCode::refused, folder + " holds " + name + ", which is no backup's; it was not removed");
  }
  fs::remove_all(folder);
}

std::vector<std::string> verify_backup(const std::string& folder) {
  std::vector<std::string> problems;
  Manifest manifest;
  try {
    manifest = read_manifest(folder);
  } catch (const CommandError& error) {
    return {error.what()};
  }
  for (const BackupFile& file : manifest.files) {
    if (const std::string problem = file_problem(folder, file); !problem.empty()) problems.push_back(problem);
  }
  return problems;
}

std::int64_t restore_rows(postgres::Session& session, const Manifest& manifest, const BackupFile& file, const std::string& schema,
                          const std::string& table, const std::vector<std::string>& columns) {
  if (file.contents != "rows") throw support::UsageError(file.file + " holds no rows");
  if (const std::string problem = file_problem(manifest.folder, file); !problem.empty()) {
    throw CommandError(ExitCode::mismatch, "backup " + manifest.folder + " is damaged: " + problem + "; nothing was restored");
  }
  std::vector<std::string> into = columns;
  if (into.empty()) {
    for (const BackupColumn& column : file.columns) into.push_back(column.name);
  }
  CompressedReader reader(manifest.folder + "/" + file.file);
  return session.copy_in("COPY " + support::Sql::identifier(schema, table) + " (" + support::Sql::identifiers(into) +
                             ") FROM STDIN (ENCODING 'UTF8')",
                         [&reader] { return reader.next(); });
}

}  // namespace lockstep::executor
