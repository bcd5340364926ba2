// Asks PostgreSQL on the scratch copy what new indexes, exclusion constraints and partitions require of a row.
#include "kinds/values/row_probe.h"

#include "elaborator/row_probe.h"
#include "recipes/row_probe.h"
#include "support/error.h"
#include "support/sql_text.h"

namespace lockstep::elaborator {

using catalog::Change;
using catalog::ObjectId;
using recipes::RowProbe;

namespace {

// Replaces the table in the condition of a hash partition: it contains the oid of the table under which the partition was
// created.
std::string named(std::string condition, const std::string& oid, const std::string& parent) {
  const std::string made = "'" + oid + "'::oid";
  const std::size_t at = oid.empty() ? std::string::npos : condition.find(made);
  if (at != std::string::npos)
    condition.replace(at, made.size(), support::quote_literal(parent) + "::pg_catalog.regclass::pg_catalog.oid");
  return condition;
}

// Returns false if it depends on something that doesn't exist yet.
bool heard(postgres::Session& session, const kinds::RowQuestion& question, RowProbe& probe) {
  try {
    const postgres::Transaction undone(session);
    for (const auto& statement : question.made) session.declared(support::DeclaredSql(statement));
    const auto rows = session.declared_single(support::DeclaredSql(question.query));
    std::string oid;
    for (std::size_t row = 0; row < rows.size(); ++row) {
      const std::string what = rows.text(row, 0), text(rows.at(row, 1).value_or(""));
      if (what == "key") probe.keys.push_back(text);
      if (what == "with") probe.operators.push_back(text);
      if (what == "kept") probe.kept_check = text;
      if (what == "parent") oid = text;
      if (what == "level") probe.levels.push_back(named(text, oid, question.parent));
      if (what != "condition" || text.empty()) continue;
      probe.condition += (probe.condition.empty() ? "" : " AND ") + named(text, oid, question.parent);
    }
    return true;
  } catch (const support::DatabaseError& error) {
    if (error.facts().connection_lost) throw;
    return false;
  }
}

}  // namespace

recipes::TimeZones time_zones_of(postgres::Session& target, const std::map<std::string, std::string>& own) {
  recipes::TimeZones zones;
  if (const auto found = own.find("TimeZone"); found != own.end()) zones.own = found->second;
  const auto rows = target.query(
      "SELECT 'role ' || pg_catalog.quote_ident(r.rolname), pg_catalog.substr(s.setting, 10) FROM pg_catalog.pg_db_role_setting "
      "d "
      "JOIN pg_catalog.pg_roles r ON r.oid = d.setrole, pg_catalog.unnest(d.setconfig) AS s (setting) WHERE d.setdatabase IN (0, "
      "(SELECT oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database())) AND pg_catalog.lower(s.setting) "
      "LIKE 'timezone=%' AND pg_catalog.substr(s.setting, 10) <> $1 ORDER BY 1, 2",
      {zones.own});
  for (std::size_t row = 0; row < rows.size(); ++row) zones.others.push_back(rows.text(row, 0) + ": " + rows.text(row, 1));
  return zones;
}

std::map<ObjectId, RowProbe> probe_rows(postgres::Scratch& copy, const std::vector<Change>& changes, const catalog::Catalog& live,
                                        const catalog::Catalog& desired) {
  std::map<ObjectId, RowProbe> probes;
  for (const Change& change : changes) {
    const auto questions = kinds::row_questions(change, live, desired);
    RowProbe probe;
    bool all = !questions.empty();
    for (const auto& question : questions) all = all && heard(copy.session(), question, probe);
    if (all) probes.emplace(change.id, std::move(probe));
  }
  return probes;
}

}  // namespace lockstep::elaborator
