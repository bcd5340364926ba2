#include <nlohmann/json.hpp>

#include "cli/backup_document.h"
#include "cli/json_text.h"

namespace lockstep::cli {
namespace backup_json {
namespace {

using executor::BackupFile;
using executor::Manifest;
using nlohmann::ordered_json;

ordered_json rehearsal_json(const Manifest& manifest, const RehearsedBackups& rehearsed) {
  const auto found = rehearsed.find(manifest.folder);
  if (found == rehearsed.end()) return nullptr;
  const executor::Rehearsal& one = found->second;
  return {{"at", one.at},
          {"by", one.by},
          {"result", one.result},
          {"rows", one.rows},
          {"milliseconds", one.milliseconds},
          {"problems", one.problems}};
}

ordered_json manifest_json(const Manifest& manifest, const RehearsedBackups& rehearsed) {
  ordered_json files = ordered_json::array();
  for (const BackupFile& file : manifest.files) {
    if (file.contents != "rows") continue;
    files.push_back({{"file", file.file},
                     {"step", file.step},
                     {"object", file.object},
                     {"what", file.what},
                     {"rows", file.rows},
                     {"raw_bytes", file.raw_bytes},
                     {"stored_bytes", file.stored_bytes}});
  }
  return {{"run", manifest.run},
          {"started", manifest.started},
          {"database", manifest.database},
          {"folder", manifest.folder},
          {"rows", rows_of(manifest)},
          {"stored_bytes", bytes_of(manifest)},
          {"plan_digest", manifest.plan_digest},
          {"files", std::move(files)},
          {"rehearsal", rehearsal_json(manifest, rehearsed)}};
}

std::string list(const BackupsDocument& backups, const Look&) {
  ordered_json document = {{"format", "lockstep-backups/1"}, {"backups", ordered_json::array()}};
  for (const Manifest& one : backups.backups) document["backups"].push_back(manifest_json(one, backups.rehearsed));
  return json_text(document);
}

// One JSON document a folder.
std::string shown(const RunBackups& backups, const Look&) {
  std::string text;
  for (const Manifest& one : backups.backups)
    text += json_text({{"format", "lockstep-backups/1"}, {"backup", manifest_json(one, backups.rehearsed)}});
  return text;
}

}  // namespace
}  // namespace backup_json

constinit const Renderer<BackupsDocument> kBackupsJson{.format = "json", .text = backup_json::list, .complete = true};
constinit const Renderer<RunBackups> kRunBackupsJson{.format = "json", .text = backup_json::shown, .complete = true};

}  // namespace lockstep::cli
