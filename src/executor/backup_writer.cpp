#include "executor/backup_writer.h"

#include <algorithm>
#include <filesystem>
#include <system_error>

#include "executor/manifest.h"
#include "executor/saved_files.h"
#include "support/digest.h"
#include "support/error.h"

namespace lockstep::executor {

namespace {

// "2026-11-23T10:15:00.123456Z" → "20261123T101500Z", which sorts by time. Every attempt at a run uses the same folder.
std::string folder_name(const std::string& backup_folder, const Manifest& facts) {
  for (const std::string& folder : backup_folders(backup_folder)) {
    const std::string name = std::filesystem::path(folder).filename().string();
    if (!name.ends_with("Z-" + facts.run.substr(0, 8)) || unfinished_backup(folder)) continue;
    try {
      const Manifest other = read_manifest(folder);
      if (other.run == facts.run && other.database == facts.database) return name;
    } catch (const support::CommandError&) {
      return name;  // its name says that it belongs to this run, and it is damaged; opening it reports that
    }
  }
  std::string name;
  for (const char c : facts.started.substr(0, facts.started.find('.'))) {
    if (c != '-' && c != ':') name += c;
  }
  return name + "Z-" + facts.run.substr(0, 8);
}

template <class Function>
auto as_backup_error(Function function) {
  try {
    return function();
  } catch (const std::system_error& error) {
    throw BackupError(error.what());
  }
}

// Names come from the query itself, types from the relation's columns of the same names, or from the hidden column or relation.
std::vector<BackupColumn> columns_of(postgres::Session& session, const plan::Loss& loss,
                                     const std::map<std::string, std::string>& declared) {
  const auto empty = session.declared_single(support::DeclaredSql("SELECT * FROM (" + loss.query + ") AS saved LIMIT 0"));
  std::vector<BackupColumn> columns;
  for (std::size_t index = 0; index < empty.columns(); ++index) {
    const std::string name(empty.column_name(index));
    const bool hidden = !loss.hidden.empty() && index + 1 == empty.columns();  // it is the last one
    const auto type = session.query(
        "SELECT pg_catalog.format_type(atttypid, atttypmod) FROM pg_catalog.pg_attribute "
        "WHERE attrelid = coalesce(pg_catalog.to_regclass($1), pg_catalog.to_regclass($3)) AND attname IN ($2, $3) AND NOT "
        "attisdropped ORDER BY attname <> $4",
        {loss.relation, name, loss.hidden, hidden ? loss.hidden : name});
    columns.push_back({name, type.empty() ? "" : type.text(0, 0)});
  }
  for (BackupColumn& column : columns) {  // the rows of a partition, one of whose columns its parent has hidden
    const auto found = declared.find(column.name);
    if (found == declared.end()) continue;
    const bool taken =
        std::any_of(columns.begin(), columns.end(), [&](const BackupColumn& other) { return other.name == found->second; });
    if (!taken) column.name = found->second;
  }
  return columns;
}

}  // namespace

BackupWriter::BackupWriter(const std::string& backup_folder, Manifest facts, const std::string& plan_json,
                           const std::string& catalog_text)
    : manifest_(std::move(facts)), folder_(as_backup_error([&] {
        return Folder::make(backup_folder, manifest_.database, folder_name(backup_folder, manifest_));
      })) {
  as_backup_error([&] {
    folder_.remove_temporaries();
    manifest_.folder = folder_.path();
    if (std::filesystem::exists(folder_.path() + "/" + kManifestName)) {
      try {
        manifest_.files = manifest_from_json(read_file(folder_.path() + "/" + kManifestName)).files;
      } catch (const std::exception& error) {
        throw BackupError("the backup of the run's earlier attempt, " + folder_.path() + ", is damaged: " + error.what());
      }
    }
    save_text("plan.json", "plan", plan_json);
    if (!catalog_text.empty()) save_text("catalog.txt", "catalog", catalog_text);
    write_manifest();
  });
}

void BackupWriter::replace(BackupFile file) {
  // A file of the same name, or with the same values saved by an earlier attempt.
  const auto same = [&file](const BackupFile& other) {
    return other.file == file.file || (other.contents == "rows" && file.contents == "rows" &&
                                       other.file.substr(0, other.file.find('.')) == file.file.substr(0, file.file.find('.')));
  };
  manifest_.files.erase(std::remove_if(manifest_.files.begin(), manifest_.files.end(), same), manifest_.files.end());
  manifest_.files.push_back(std::move(file));
}

void BackupWriter::save_text(const std::string& name, const std::string& contents, const std::string& text) {
  // The first attempt's catalog is the one from before the run.
  const bool saved =
      std::any_of(manifest_.files.begin(), manifest_.files.end(), [&](const BackupFile& f) { return f.file == name; });
  if (saved) return;
  write_file(folder_, name, text);
  BackupFile file;
  file.file = name;
  file.contents = contents;
  file.raw_bytes = file.stored_bytes = static_cast<std::int64_t>(text.size());
  file.raw_sha256 = file.stored_sha256 = support::sha256(text);
  replace(std::move(file));
}

BackupFile BackupWriter::save(postgres::Session& session, const plan::Step& step, std::size_t index, int attempt,
                              const std::map<std::string, std::string>& declared) {
  const plan::Loss& loss = step.losses.at(index);
  BackupFile file;
  file.file = saved_file_name(step.id, index, attempt);
  file.contents = "rows";
  file.step = step.id;
  file.object = loss.object;
  file.what = loss.what;
  file.relation = loss.relation;
  file.query = loss.query;
  file.columns = columns_of(session, loss, declared);
  return as_backup_error([&] {
    folder_.remove(file.file);  // left by an attempt that was rolled back
    CompressedWriter out(folder_, file.file);
    file.rows = session.copy_out(support::DeclaredSql(loss.query), [&out](std::string_view row) { out.write(row); });
    const StoredSize size = out.finish();
    file.raw_bytes = size.raw_bytes;
    file.stored_bytes = size.stored_bytes;
    file.raw_sha256 = size.raw_sha256;
    file.stored_sha256 = size.stored_sha256;
    replace(file);
    return file;
  });
}

void BackupWriter::write_manifest() {
  as_backup_error([&] { write_file(folder_, kManifestName, to_json(manifest_)); });
}

}  // namespace lockstep::executor
