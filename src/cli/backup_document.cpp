#include "cli/backup_document.h"

namespace lockstep::cli {

using executor::BackupFile;
using executor::Manifest;

std::int64_t rows_of(const Manifest& manifest) {
  std::int64_t rows = 0;
  for (const BackupFile& file : manifest.files) rows += file.rows;
  return rows;
}
std::int64_t bytes_of(const Manifest& manifest) {
  std::int64_t bytes = 0;
  for (const BackupFile& file : manifest.files) bytes += file.stored_bytes;
  return bytes;
}

}  // namespace lockstep::cli
