// The table of formats, and those whose reading is short.
#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "importer/files.h"
#include "support/error.h"

namespace lockstep::importer {

using support::UsageError;

namespace {

constexpr std::string_view kPrismaTables[] = {"_prisma_migrations"};
constexpr std::string_view kRailsTables[] = {"schema_migrations", "ar_internal_metadata"};
constexpr std::string_view kFlywayTables[] = {"flyway_schema_history", "schema_version"};
constexpr std::string_view kAlembicTables[] = {"alembic_version"};
// Of the tools whose migrations are plain files: golang-migrate and dbmate, goose (with its sequence), sqlx, diesel.
constexpr std::string_view kSqlTables[] = {"schema_migrations", "goose_db_version*", "_sqlx_migrations",
                                           "__diesel_schema_migrations"};

// The value of `provider = "…"`; nullopt: there is no such line.
std::optional<std::string> provider_of(std::string_view text) {
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size()));
    if (!line.starts_with("provider")) continue;
    const std::size_t open = line.find('"');
    const std::size_t close = open == std::string_view::npos ? open : line.find('"', open + 1);
    return close == std::string_view::npos ? std::string() : std::string(line.substr(open + 1, close - open - 1));
  }
  return std::nullopt;
}

// The first of these below `path` that exists; `path` itself if it is no folder.
std::string found_in(const std::string& path, std::initializer_list<const char*> places) {
  if (!is_folder(path)) return path;
  for (const char* place : places)
    if (exists(path + "/" + place)) return path + "/" + place;
  return {};
}

}  // namespace

std::span<const Format> formats() {
  static constexpr Format kFormats[] = {
      {"prisma", "the folder prisma/migrations, or the one it is in", kPrismaTables, read_prisma},
      {"rails", "db/structure.sql, or the folder it is in", kRailsTables, read_rails},
      {"flyway", "a folder with V*.sql and R*.sql", kFlywayTables, read_flyway},
      {"alembic", "the output of `alembic upgrade head --sql`", kAlembicTables, read_alembic},
      {"sql", "a file such as pg_dump -s writes, or a folder of .sql files", kSqlTables, read_sql},
  };
  return kFormats;
}

Migrations read_prisma(const std::string& path, const Variables& variables) {
  refuse_variables("prisma", variables);
  std::string folder = path;
  if (!exists(path + "/migration_lock.toml"))
    for (const char* below : {"/migrations", "/prisma/migrations"})
      if (is_folder(path + below)) folder = path + below;
  if (!is_folder(folder)) throw UsageError(fmt::format("{} is no folder: give prisma/migrations", shown(path)));
  Migrations found;
  const std::string lock = folder + "/migration_lock.toml";
  if (exists(lock)) {
    const auto provider = provider_of(read_inside(lock, folder)->text());
    if (provider != "postgresql")
      throw UsageError(fmt::format("{}: the provider is \"{}\", and only \"postgresql\" can be imported", shown(lock),
                                   shown(provider.value_or(""))));
  } else {
    found.notes.push_back(fmt::format("{} has no migration_lock.toml: taken to be of PostgreSQL", shown(folder)));
  }
  for (const Entry& entry : entries(folder, false)) {
    if (!entry.folder) continue;
    const std::string file = folder + "/" + entry.path + "/migration.sql";
    if (!exists(file)) throw UsageError(fmt::format("{}: there is no migration.sql in it", shown(folder + "/" + entry.path)));
    found.files.push_back(read_inside(file, folder));
  }
  if (found.files.empty()) throw UsageError(fmt::format("{}: no migrations below it (*/migration.sql)", shown(folder)));
  return found;
}

Migrations read_rails(const std::string& path, const Variables& variables) {
  refuse_variables("rails", variables);
  const std::string file = found_in(path, {"structure.sql", "db/structure.sql"});
  if (!file.empty() && !file.ends_with(".rb")) return {{read_file(file)}, {}};
  throw UsageError(
      fmt::format("{}: there is no db/structure.sql. Set `config.active_record.schema_format = :sql` and run "
                  "`bin/rails db:schema:dump` (schema.rb is Ruby, which Lockstep doesn't run)",
                  shown(path)));
}

Migrations read_alembic(const std::string& path, const Variables& variables) {
  refuse_variables("alembic", variables);
  if (!is_folder(path) && !path.ends_with(".py")) return {{read_file(path)}, {}};
  throw UsageError(
      fmt::format("{}: migrations of Alembic are Python, which Lockstep doesn't run. Give the file that `alembic "
                  "upgrade head --sql > migrations.sql` writes",
                  shown(path)));
}

}  // namespace lockstep::importer
