#include "executor/saved_files.h"

#include <sys/stat.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "executor/journal.h"
#include "executor/manifest.h"
#include "support/digest.h"
#include "support/error.h"

namespace lockstep::executor {

namespace {

namespace fs = std::filesystem;
constexpr std::string_view kEnding = ".copy.zst";

// "s02-1", for every attempt.
std::string stem_of(const std::string& file) {
  return file.substr(0, file.find('.'));
}

// Rows of lockstep.backup with the digest of the manifest's entry from the latest event that names the file.
std::vector<SavedFile> read_records(postgres::Session& session, const std::string& run) {
  const auto rows = session.query(
      "SELECT b.run, b.folder, b.step, b.object, b.what, b.relation, b.file, b.row_count, b.raw_bytes, b.stored_bytes, "
      "b.raw_sha256, b.stored_sha256, coalesce((SELECT s.value ->> 'entry' FROM lockstep.event e "
      "CROSS JOIN LATERAL pg_catalog.json_array_elements(CASE pg_catalog.json_typeof(e.detail -> 'saved') WHEN 'array' THEN "
      "e.detail -> 'saved' ELSE '[]' END) AS s (value) WHERE e.run = b.run AND e.step = "
      "b.step "
      "AND e.kind IN ('executed', 'saved') AND s.value ->> 'file' = b.file ORDER BY e.id DESC LIMIT 1), '') "
      "FROM lockstep.backup b JOIN lockstep.run r ON r.id = b.run WHERE $1 = '' OR b.run::pg_catalog.text = $1 "
      "ORDER BY r.started, b.run, b.step, b.file",
      {run});
  std::vector<SavedFile> list;
  for (std::size_t row = 0; row < rows.size(); ++row) {
    SavedFile saved{rows.text(row, 0), rows.text(row, 1), {}, rows.text(row, 12)};
    saved.file.contents = "rows";
    saved.file.step = rows.text(row, 2);
    saved.file.object = rows.text(row, 3);
    saved.file.what = rows.text(row, 4);
    saved.file.relation = rows.text(row, 5);
    saved.file.file = rows.text(row, 6);
    saved.file.rows = rows.integer(row, 7);
    saved.file.raw_bytes = rows.integer(row, 8);
    saved.file.stored_bytes = rows.integer(row, 9);
    saved.file.raw_sha256 = rows.text(row, 10);
    saved.file.stored_sha256 = rows.text(row, 11);
    list.push_back(std::move(saved));
  }
  return list;
}

bool same_sums(const BackupFile& a, const BackupFile& b) {
  return a.rows == b.rows && a.raw_bytes == b.raw_bytes && a.stored_bytes == b.stored_bytes && a.raw_sha256 == b.raw_sha256 &&
         a.stored_sha256 == b.stored_sha256;
}

bool same_names(const BackupFile& a, const BackupFile& b) {
  return a.step == b.step && a.object == b.object && a.what == b.what && a.relation == b.relation;
}

}  // namespace

std::string saved_file_name(const std::string& step, std::size_t loss, int attempt) {
  return step + "-" + std::to_string(loss + 1) + (attempt > 1 ? "." + std::to_string(attempt) : "") + std::string(kEnding);
}

int attempt_of(const std::string& file) {
  const std::size_t dot = file.find('.');
  int attempt = 1;
  if (dot != std::string::npos) std::from_chars(file.data() + dot + 1, file.data() + file.size(), attempt);
  return attempt;
}

std::vector<SavedFile> saved_files(postgres::Session& session, const std::string& run) {
  std::vector<SavedFile> list;
  if (!journal_exists(session)) return list;
  for (SavedFile& saved : read_records(session, run)) {
    const auto older = std::find_if(list.begin(), list.end(), [&](const SavedFile& other) {
      return other.run == saved.run && stem_of(other.file.file) == stem_of(saved.file.file);
    });
    if (older == list.end()) {
      list.push_back(std::move(saved));
    } else if (attempt_of(saved.file.file) > attempt_of(older->file.file)) {
      *older = std::move(saved);
    }
  }
  return list;
}

std::string record_digest(const SavedFile& saved) {
  const BackupFile& file = saved.file;
  const Json content = {saved.run, file.step, file.object,    file.what,         file.relation,   saved.folder,
                        file.file, file.rows, file.raw_bytes, file.stored_bytes, file.raw_sha256, file.stored_sha256};
  return support::sha256(content.dump());
}

std::string record_problem(postgres::Session& session) {
  // A run may be active meanwhile: what it records after this moment is left out, and its events are read last.
  const std::int64_t until = session.query("SELECT coalesce(pg_catalog.max(id), 0) FROM lockstep.event", {}).integer(0, 0);
  const std::vector<SavedFile> records = read_records(session, "");
  const auto events = session.query(
      "SELECT e.run, e.kind, s.value ->> 'file', s.value ->> 'record', e.id FROM lockstep.event e LEFT JOIN LATERAL "
      "pg_catalog.json_array_elements(CASE pg_catalog.json_typeof(e.detail -> 'saved') WHEN 'array' THEN e.detail -> 'saved' "
      "ELSE '[]' END) AS s (value) ON true "
      "WHERE e.kind IN ('executed', 'saved') OR (e.kind = 'run_started' AND e.detail ->> 'run_sha256' IS NOT NULL) ORDER BY e.id",
      {});
  std::map<std::pair<std::string, std::string>, std::string> announced;
  std::set<std::pair<std::string, std::string>> newer;
  std::set<std::string> covered;  // runs of versions whose events name what they saved
  for (std::size_t row = 0; row < events.size(); ++row) {
    if (events.text(row, 1) == "run_started") covered.insert(events.text(row, 0));
    if (!events.at(row, 2)) continue;
    announced[{events.text(row, 0), events.text(row, 2)}] = events.text(row, 3);
    if (events.integer(row, 4) > until) newer.insert({events.text(row, 0), events.text(row, 2)});
  }
  for (const SavedFile& saved : records) {
    const std::string name = saved.file.file + " of run " + saved.run;
    const auto found = announced.find({saved.run, saved.file.file});
    if (found == announced.end()) {
      if (covered.contains(saved.run)) return "lockstep.backup has file " + name + ", which no event of the journal saved";
      continue;
    }
    if (found->second != record_digest(saved)) return "lockstep.backup says of file " + name + " what the journal did not record";
    announced.erase(found);
  }
  std::erase_if(announced, [&](const auto& one) { return newer.contains(one.first); });
  if (!announced.empty())
    return "lockstep.backup lacks file " + announced.begin()->first.second + " of run " + announced.begin()->first.first +
           ", which the journal recorded";
  return "";
}

std::vector<std::string> folders_of(const std::string& run, const std::string& recorded, const std::string& store) {
  std::vector<std::string> folders;
  const auto add = [&](const std::string& folder) {
    if (!folder.empty() && std::find(folders.begin(), folders.end(), folder) == folders.end()) folders.push_back(folder);
  };
  add(recorded);
  for (const std::string& folder : backup_folders(store))
    if (folder.ends_with("-" + run.substr(0, 8))) add(fs::absolute(folder).lexically_normal().string());
  return folders;
}

Found find_saved(const SavedFile& saved, const std::string& store) {
  Found result{saved.folder, "folder " + saved.folder + " is not there", true};
  for (const std::string& folder : folders_of(saved.run, saved.folder, store)) {
    std::error_code error;
    if (!fs::is_directory(folder, error)) continue;
    const bool there = fs::exists(folder + "/" + saved.file.file, error);
    const std::string problem = there ? file_problem(folder, saved.file) : saved.file.file + " is missing in folder " + folder;
    if (problem.empty()) return {folder, "", false};
    if (result.missing) result = {folder, there ? "folder " + folder + ": " + problem : problem, !there};
  }
  return result;
}

std::string manifest_problem(const std::string& folder, const std::vector<SavedFile>& saved) {
  Manifest manifest;
  try {
    manifest = read_manifest(folder);
  } catch (const support::CommandError& error) {
    return error.what();
  }
  const std::string where = "the manifest of backup " + folder + " ";
  for (const SavedFile& one : saved) {
    if (manifest.run != one.run) return where + "names run " + manifest.run + ", and the database recorded run " + one.run;
    const auto entry = std::find_if(manifest.files.begin(), manifest.files.end(),
                                    [&](const BackupFile& file) { return file.file == one.file.file; });
    if (entry == manifest.files.end()) return where + "lacks " + one.file.file + ", which the database recorded";
    if (!same_sums(*entry, one.file) || !same_names(*entry, one.file) ||
        (!one.entry.empty() && one.entry != entry_digest(*entry)))
      return where + "says of " + one.file.file + " what the database did not record";
  }
  return "";
}

std::string file_signature(const std::string& path) {
  struct stat facts = {};
  if (stat(path.c_str(), &facts) != 0) return "";
  const Json parts = {facts.st_dev,          facts.st_ino,         facts.st_size,        facts.st_mtim.tv_sec,
                      facts.st_mtim.tv_nsec, facts.st_ctim.tv_sec, facts.st_ctim.tv_nsec};
  return parts.dump();
}

}  // namespace lockstep::executor
