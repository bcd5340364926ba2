#include "fleet/rehearse.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "elaborator/builder.h"
#include "elaborator/scratch_database.h"
#include "parser/declared.h"
#include "parser/reader.h"
#include "session/quiet.h"
#include "support/digest.h"
#include "support/error.h"
#include "support/source_text.h"
#include "support/sql_text.h"

namespace lockstep::fleet {
namespace {

using executor::BackupColumn;
using executor::BackupFile;
using executor::Manifest;
using support::CommandError;
using support::DeclaredSql;
using support::ExitCode;
using support::Sql;

// A database like that of one manifest.
struct Stage {
  std::unique_ptr<postgres::Scratch> scratch;
  std::vector<std::string> lacks;  // what of the catalog isn't there, and why
};

// What the backup says of the database before its run. Its text is compared with the manifest once more, because it is read once
// more.
catalog::Catalog before_of(const Manifest& manifest, std::vector<std::string>& lacks) {
  const auto saved = std::find_if(manifest.files.begin(), manifest.files.end(),
                                  [](const BackupFile& file) { return file.contents == "catalog"; });
  if (saved == manifest.files.end()) {
    lacks.emplace_back("the backup has no catalog.txt, so only PostgreSQL's own types are there");
    return {};
  }
  const auto text = support::read_source(manifest.folder + "/" + saved->file);
  if (support::sha256(text->text()) != saved->raw_sha256)
    throw CommandError(ExitCode::mismatch, saved->file + ": its contents are not those that were saved");
  support::Diagnostics diagnostics;
  const parser::Declared declared = parser::lower({parser::read(text, diagnostics)}, {}, {}, diagnostics);
  if (!diagnostics.has_errors()) return declared.catalog;
  const support::Diagnostic first = diagnostics.sorted().front();
  lacks.push_back(fmt::format("{} can't be read (line {}), so only PostgreSQL's own types are there", saved->file,
                              text->line_column(first.span.begin).line));
  return {};
}

Stage set_up(const Manifest& manifest, const elaborator::Options& options) {
  constexpr int kMajor = 10000;
  Stage stage;
  const catalog::Catalog before = before_of(manifest, stage.lacks);
  postgres::ScratchOptions wanted = elaborator::scratch_options(nullptr, before, options);
  wanted.major = manifest.server_version / kMajor;
  stage.scratch = postgres::Scratch::create(wanted);
  const postgres::Snapshot baseline = elaborator::read_scratch(*stage.scratch);
  const auto failures =
      elaborator::build(*stage.scratch, baseline.catalog, before, baseline.target.server_version, /*drop_others=*/false);
  for (const elaborator::BuildFailure& failure : failures) stage.lacks.push_back(catalog::to_string(failure.object));
  return stage;
}

class Table {
 public:
  Table(postgres::Session& session, const BackupFile& file, int number)
      : session_(session), file_(file), name_(fmt::format("lockstep_rehearsal_{}", number)) {
    std::set<std::string> taken;
    for (const BackupColumn& column : file.columns) {
      columns_.push_back(column.name == "ctid" ? "saved_ctid" : column.name);
      taken.insert(columns_.back());
    }
    while (taken.contains(order_)) order_ += "_";
  }

  // Returns what is missing here; empty: it was made.
  std::string make() {
    std::vector<Sql> parts{Sql::identifier(order_) + " bigint GENERATED ALWAYS AS IDENTITY"};
    std::string unknown;
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      const std::string& type = file_.columns[i].type;
      const bool known = type.empty() || is_type(type);
      if (!known) unknown += fmt::format("{}type {} of column {}", unknown.empty() ? "" : ", ", type, file_.columns[i].name);
      if (known) parts.push_back(Sql::identifier(columns_[i]) + " " + (type.empty() ? Sql("pg_catalog.text") : Sql::type(type)));
    }
    if (!unknown.empty()) return unknown;
    session_.execute("CREATE TEMPORARY TABLE " + relation() + " (" + Sql::join(parts, ", ") + ")");
    made_ = true;
    return {};
  }

  std::int64_t fill(const Manifest& manifest) {
    return executor::restore_rows(session_, manifest, file_, "pg_temp", name_, columns_);
  }

  // How what is there now isn't what was saved.
  std::string compared() {
    support::Sha256 digest;
    std::int64_t bytes = 0;
    const Sql query = "SELECT " + Sql::identifiers(columns_) + " FROM " + relation() + " ORDER BY " + Sql::identifier(order_);
    const std::int64_t rows = session_.copy_out(DeclaredSql(std::string(query.text())), [&](std::string_view row) {
      digest.update(row);
      bytes += static_cast<std::int64_t>(row.size());
    });
    if (rows != file_.rows) return fmt::format("{} of {} rows came back", rows, file_.rows);
    if (bytes != file_.raw_bytes || digest.hex() != file_.raw_sha256)
      return fmt::format("its {} rows came back with other values than were saved", rows);
    return {};
  }

  ~Table() {
    if (!made_) return;
    try {
      session_.execute("DROP TABLE " + relation());
    } catch (const std::exception&) {  // it goes with the session
    }
  }
  Table(const Table&) = delete;
  Table& operator=(const Table&) = delete;

 private:
  Sql relation() const { return Sql::identifier("pg_temp", name_); }

  // A text that is no name of a type is an unknown type too.
  bool is_type(const std::string& type) {
    try {
      return session_.query("SELECT pg_catalog.to_regtype($1) IS NOT NULL", {type}).boolean(0, 0);
    } catch (const support::DatabaseError& error) {
      if (error.facts().connection_lost) throw;
      return false;
    }
  }

  postgres::Session& session_;
  const BackupFile& file_;
  std::string name_, order_ = "lockstep_row";
  std::vector<std::string> columns_;
  bool made_ = false;
};

Rehearsed rehearsed(Stage& stage, const ToRehearse& one, int number) {
  Rehearsed result{.file = one.file, .differs = {}, .missing = {}, .said = {}};
  try {
    const postgres::Quiet quiet(stage.scratch->superuser());  // the catalog's event triggers have no part in this
    Table table(stage.scratch->session(), one.file, number);
    result.missing = table.make();
    if (!result.missing.empty()) {
      result.missing += " is not there on scratch";
      if (!stage.lacks.empty()) result.missing += fmt::format(" (nor is: {})", fmt::join(stage.lacks, "; "));
      return result;
    }
    table.fill(*one.manifest);
    result.differs = table.compared();
  } catch (const support::DatabaseError& error) {
    result.missing = fmt::format("the scratch server refuses its rows (SQLSTATE {})", error.facts().sqlstate);
    result.said = error.facts().message;
  } catch (const CommandError& error) {
    if (error.code() != ExitCode::mismatch) throw;
    result.differs = error.what();
  }
  return result;
}

}  // namespace

std::vector<Rehearsed> rehearse(const std::vector<ToRehearse>& files, const elaborator::Options& options,
                                const std::function<void(const Rehearsed&)>& each) {
  std::vector<Rehearsed> results;
  const Manifest* staged = nullptr;
  Stage stage;
  for (const ToRehearse& one : files) {
    if (staged != one.manifest) {
      stage = {};  // drops the database before the next one is made
      stage = set_up(*one.manifest, options);
      staged = one.manifest;
    }
    results.push_back(rehearsed(stage, one, static_cast<int>(results.size()) + 1));
    each(results.back());
  }
  return results;
}

}  // namespace lockstep::fleet
