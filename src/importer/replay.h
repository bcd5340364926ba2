// Runs a project's migrations on a scratch database, as their tool would, and reads back what they make.
//
// They are hostile text: they run as the scratch database's unprivileged role. A file runs in one transaction; where PostgreSQL
// refuses something for that (CREATE INDEX CONCURRENTLY, a new enum value that is used at once) or the file has its own BEGIN, it
// runs statement by statement, as in psql.
#pragma once

#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "catalog/catalog.h"
#include "elaborator/options.h"
#include "importer/migrations.h"
#include "postgres/introspect.h"
#include "postgres/scratch.h"
#include "support/diagnostic.h"

namespace lockstep::importer {

struct Replayed {
  std::unique_ptr<postgres::Scratch> scratch;  // with what they made; null: there are errors
  catalog::Catalog catalog;                    // the same, without what a new database has and the tool's bookkeeping
  bool owners = false;                         // whether they give objects to several roles
  std::vector<std::string> unmanaged;          // what no kind of object expresses
  std::set<std::string_view> bookkeeping;      // of the format's, those that the migrations make
  std::size_t statements = 0;
};

// Those globs of the format that match a name directly in a schema.
std::set<std::string_view> bookkeeping_in(const Format& format, const catalog::Catalog& catalog);

struct ReplayOptions {
  std::vector<std::string> search_path;  // with which the tool runs each file; empty: "$user", public
  std::string as;                        // who runs them on the database; empty: unknown
  elaborator::Options scratch;
};

// `live`: the database that the schema is for, whose server scratch imitates; may be null. Reports errors at their places
// (LS0501, LS0502), and as warnings what is left out (LS0503).
Replayed replay(const Format& format, const Migrations& migrations, const postgres::Snapshot* live, const ReplayOptions& options,
                support::Diagnostics& diagnostics);

}  // namespace lockstep::importer
