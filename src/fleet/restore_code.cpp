#include "fleet/restore_code.h"

#include <fmt/format.h>

#include <map>
#include <set>

#include "postgres/foreign_code.h"

namespace lockstep::fleet {
namespace {

using catalog::Path;
using postgres::ForeignCode;
using postgres::ForeignCodes;

struct RestoredTable {
  Path path;
  std::string owner;
  std::set<Path> types;  // of its columns; for arrays, of their elements
};

constexpr support::Sql kElement =
    "pg_type t JOIN pg_type e ON e.oid = CASE WHEN t.typcategory = 'A' AND t.typelem <> 0 THEN t.typelem ELSE t.oid END "
    "JOIN pg_namespace n ON n.oid = e.typnamespace";

void add_types(const postgres::Result& rows, std::set<Path>& types) {
  for (std::size_t row = 0; row < rows.size(); ++row) types.insert({rows.text(row, 0), rows.text(row, 1)});
}

RestoredTable read(postgres::Session& session, const RestoreTarget& target) {
  RestoredTable table;
  const auto found = session.query(
      "SELECT n.nspname, c.relname, pg_get_userbyid(c.relowner) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
      "WHERE c.oid = to_regclass($1)",
      {target.table});
  if (!found.empty()) {
    table.path = {found.text(0, 0), found.text(0, 1)};
    table.owner = found.text(0, 2);
    add_types(
        session.query("SELECT n.nspname, e.typname FROM pg_attribute a JOIN (" + kElement +
                          ") ON t.oid = a.atttypid WHERE a.attrelid = to_regclass($1) AND a.attnum > 0 AND NOT a.attisdropped",
                      {target.table}),
        table.types);
    return table;
  }
  table.path = {target.table};  // created with the types that the values had
  for (const executor::BackupColumn& column : target.file.columns)
    if (!column.type.empty())
      add_types(session.query("SELECT n.nspname, e.typname FROM " + kElement + " WHERE t.oid = to_regtype($1)", {column.type}),
                table.types);
  return table;
}

class Finder {
 public:
  void look(const RestoredTable& table, const std::map<Path, ForeignCodes>& among, const Path& path, const std::string& what) {
    const auto found = among.find(path);
    if (found == among.end()) return;
    for (const ForeignCode& code : found->second)
      if (!code.own_table || code.owner != table.owner) add(fmt::format("{}", fmt::join(table.path, ".")), what, code);
  }
  void add(const std::string& object, const std::string& what, const ForeignCode& code) {
    if (!told_.insert({object, code.code}).second) return;
    hazards_.push_back({"foreign-code", object,
                        fmt::format("{} {} {}{}, which belongs to {}: what that role makes of it runs with the rights of whoever "
                                    "restores these rows",
                                    what, code.reads ? "reads" : "calls", code.code,
                                    code.reads || code.through == code.code ? "" : " through " + code.through, code.owner),
                        ""});
  }
  std::vector<plan::Hazard> take() { return std::move(hazards_); }

 private:
  std::vector<plan::Hazard> hazards_;
  std::set<std::pair<std::string, std::string>> told_;
};

}  // namespace

std::vector<plan::Hazard> foreign_code_of_restore(postgres::Session& session, const std::vector<RestoreTarget>& targets,
                                                  bool without_triggers) {
  const postgres::Evaluated evaluated = postgres::read_evaluated(session);
  if (evaluated.empty()) return {};
  Finder finder;
  for (const RestoreTarget& target : targets) {
    const RestoredTable table = read(session, target);
    for (const Path& type : table.types) finder.look(table, evaluated.types, type, "loading the saved values");
    finder.look(table, evaluated.relations, table.path, "looking for the rows");
    finder.look(table, evaluated.rows, table.path, "writing the rows");
    finder.look(table, evaluated.defaults, table.path, "writing the rows");
    if (without_triggers) continue;
    finder.look(table, evaluated.inserts, table.path, "writing the rows");
    finder.look(table, evaluated.updates, table.path, "writing the rows");
  }
  for (const ForeignCode& code : evaluated.statements) finder.add("database", "every statement that makes a table", code);
  return finder.take();
}

}  // namespace lockstep::fleet
