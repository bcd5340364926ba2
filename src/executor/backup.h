// The files in which a run saves what it loses, and reading them back. The format:
//
//   <backup folder>/<database>/<UTC start of the run>-<first 8 of the run's uuid>/
//     plan.json            the plan that was run
//     catalog.txt          what the database looked like before, when the caller gave it
//     <step>-<n>.copy.zst  rows that a step lost: COPY text of the loss's query, in zstd frames; <step>-<n>.2.copy.zst: saved
//                          a second time, because the first file was not there any more or damaged
//     manifest.json        written last, and again after each step that saves: "lockstep-backup/1", its own digest, and per file
//                          where the rows come from, their number, sizes and SHA-256 before and after compression
//     rehearsed.json       after `backup rehearse`: what came of it (rehearsal.h)
//
// COPY text instead of binary: it is smaller after compression (measured), and every version and type can read it.
// A file that the manifest doesn't name was left by a killed run. restore_rows() verifies a file before it restores it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "session/session.h"

namespace lockstep::executor {

struct BackupColumn {
  std::string name, type;  // type: of the relation's column with that name; empty for an expression
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
  std::string folder;  // the folder it was read from; not part of the file
  std::string run, started, database, tool_version, plan_digest;
  int server_version = 0;
  std::vector<BackupFile> files;
};

// Throws CommandError{mismatch} if it is damaged, edited or of another format, and CommandError{failed} if it does not exist.
Manifest read_manifest(const std::string& folder);
// All backups below a backup folder, oldest first, without folders that have no intact manifest (see verify_backup).
std::vector<Manifest> list_backups(const std::string& backup_folder);
// The folders of all runs below a backup folder, sorted, including those without an intact manifest.
std::vector<std::string> backup_folders(const std::string& backup_folder);
// Whether the run was killed before it saved anything: there is neither a manifest nor a file of rows.
bool unfinished_backup(const std::string& folder);
// Removes a run's backup. Throws CommandError{refused}, with nothing removed, if the folder contains anything else.
void remove_backup(const std::string& folder);
// Reads every byte. Returns one line a problem; empty: everything is as it was written.
std::vector<std::string> verify_backup(const std::string& folder);

// The problem of one file; empty: its contents are what was saved. Reads the whole file.
std::string file_problem(const std::string& folder, const BackupFile& file);

// Copies the rows of a file into `columns` (empty: the file's own) of an existing table. Verifies the whole file first. Joins
// the session's open transaction, if there is one. Returns the number of rows.
std::int64_t restore_rows(postgres::Session& session, const Manifest& manifest, const BackupFile& file, const std::string& schema,
                          const std::string& table, const std::vector<std::string>& columns = {});

}  // namespace lockstep::executor
