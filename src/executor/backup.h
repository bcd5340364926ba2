// What was saved before a run, on disk, and how to read it back. The format:
//
//   <backup folder>/<database>/<UTC start of the run>-<first 8 of the run's uuid>/
//     plan.json            the plan that was run
//     catalog.txt          what the database looked like before, when the caller gave it
//     <step>-<n>.copy.zst  rows that a step lost: COPY text of the loss's query, in zstd frames; <step>-<n>.2.copy.zst: saved
//                          a second time, because the first file was not there any more or damaged
//     manifest.json        written last, and again after each step that saves: "lockstep-backup/1", its own digest, and per file
//                          where the rows come from, their number, sizes and SHA-256 before and after compression
//
// COPY text and not binary: smaller once compressed [m], and every version and type reads it back.
// A file the manifest doesn't name is the leaving of a killed run. Verify before you restore: restore_rows does both.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "postgres/session.h"

namespace lockstep::executor {

struct BackupColumn {
  std::string name, type;  // type: of the relation's column of that name; empty for an expression
};

struct BackupFile {
  std::string file;                                 // name in the folder
  std::string contents;                             // "rows", "plan", "catalog"
  std::string step, object, what, relation, query;  // rows only
  std::vector<BackupColumn> columns;                // rows only
  std::int64_t rows = 0;                            // rows only
  std::int64_t raw_bytes = 0, stored_bytes = 0;     // the same for plan and catalog, which are not compressed
  std::string raw_sha256, stored_sha256;
};

struct Manifest {
  std::string folder;  // where it was read; not in the file
  std::string run, started, database, tool_version, plan_digest;
  int server_version = 0;
  std::vector<BackupFile> files;
};

// Throws CommandError{mismatch}: damaged, edited, or of another format; {failed}: not there.
Manifest read_manifest(const std::string& folder);
// All backups below a backup folder, oldest first. Folders without a whole manifest are left out (see verify_backup).
std::vector<Manifest> list_backups(const std::string& backup_folder);
// Every folder of a run below a backup folder, sorted, those without a whole manifest included.
std::vector<std::string> backup_folders(const std::string& backup_folder);
// Whether the run was killed before anything was saved: there is neither a manifest nor a file of rows.
bool unfinished_backup(const std::string& folder);
// Removes a run's backup. Throws CommandError{refused}, nothing removed, when the folder holds what no backup has.
void remove_backup(const std::string& folder);
// Reads every byte. One line per problem; empty: everything is as it was written.
std::vector<std::string> verify_backup(const std::string& folder);

// What is wrong with one file; empty: its bytes are those that were saved. Reads all of it.
std::string file_problem(const std::string& folder, const BackupFile& file);

// COPYs the rows of a file into `columns` (empty: the file's own) of a table that exists. Checks the whole file first.
// Joins the session's transaction if one is open. Returns the number of rows.
std::int64_t restore_rows(postgres::Session& session, const Manifest& manifest, const BackupFile& file, const std::string& schema,
                          const std::string& table, const std::vector<std::string>& columns = {});

}  // namespace lockstep::executor
