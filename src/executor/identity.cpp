#include "executor/identity.h"

#include <nlohmann/json.hpp>

#include "executor/journal.h"
#include "executor/run_record.h"
#include "support/error.h"

namespace lockstep::executor {

namespace {

Json described(const Identity& identity, const std::string& by, const std::string& reason) {
  return Json{{"id", identity.id},
              {"system_identifier", identity.system_identifier},
              {"database", identity.database},
              {"database_oid", identity.database_oid},
              {"by", by},
              {"reason", reason}};
}

}  // namespace

std::optional<Identity> identity(postgres::Session& session) {
  if (!journal_exists(session)) return std::nullopt;
  const auto rows = session.query("SELECT id, system_identifier, database, database_oid FROM lockstep.identity", {});
  if (rows.empty()) return std::nullopt;
  return Identity{rows.text(0, 0), rows.text(0, 1), rows.text(0, 2), rows.integer(0, 3)};
}

plan::Target located(postgres::Session& session) {
  const auto found = session.query(
      "SELECT CASE WHEN pg_catalog.has_function_privilege('pg_catalog.pg_control_system()', 'EXECUTE') THEN (SELECT "
      "system_identifier FROM pg_catalog.pg_control_system()) END, d.datname, d.oid FROM pg_catalog.pg_database d "
      "WHERE d.datname = pg_catalog.current_database()",
      {});
  return {found.text(0, 0), found.text(0, 1), found.integer(0, 2), session.server_version()};
}

bool same_place(const Identity& known, const plan::Target& here) {
  const bool clusters_known = !known.system_identifier.empty() && !here.system_identifier.empty();
  return known.database == here.database && known.database_oid == here.database_oid &&
         (!clusters_known || known.system_identifier == here.system_identifier);
}

Identity establish_identity(postgres::Session& session, const std::string& by) {
  postgres::Transaction transaction(session);
  const bool fresh = !journal_exists(session);
  Journal journal(session);
  journal.install(located(session));
  const Identity found = *identity(session);
  if (fresh) journal.append("", "identity", "", described(found, by, "set"));
  transaction.commit();
  return found;
}

Identity rebind_identity(postgres::Session& session, const std::string& by, const std::string& reason) {
  postgres::Transaction transaction(session);
  Journal journal(session);
  journal.upgrade();
  const plan::Target here = located(session);
  session.query(
      "UPDATE lockstep.identity SET id = pg_catalog.gen_random_uuid(), system_identifier = $1, database = $2, database_oid = $3",
      {here.system_identifier, here.database, std::to_string(here.database_oid)});
  // A dump copies the rows, but the objects have other OIDs. In a copy of the data files they match.
  session.execute(R"sql(
DELETE FROM lockstep.object o WHERE o.object_oid <> 0 AND NOT EXISTS (
  SELECT FROM pg_catalog.pg_identify_object_as_address(CASE o.class_oid WHEN 0 THEN
    'pg_catalog.pg_class'::pg_catalog.regclass::pg_catalog.oid ELSE o.class_oid END, o.object_oid, o.attnum) a
  WHERE a.type = o.type AND a.object_names[pg_catalog.array_upper(a.object_names, 1)] = o.names[pg_catalog.array_upper(o.names, 1)]))sql");
  const Identity now = *identity(session);
  journal.append("", "identity", "", described(now, by, reason));
  transaction.commit();
  return now;
}

void forget_journal(postgres::Session& session) {
  if (const auto open = open_run(session)) {
    throw support::RefusedError("run " + open->id + " is open: finish it (`lockstep resume`) or give it up " +
                                "(`lockstep resolve --abandon`) first; nothing was changed");
  }
  postgres::Transaction transaction(session);
  for (const char* table : {"object", "applied", "backup", "event", "run", "identity"})
    session.execute("DROP TABLE IF EXISTS " + support::Sql::identifier("lockstep", table));
  session.execute("DROP FUNCTION lockstep.refuse_change()");
  try {
    session.execute("DROP SCHEMA lockstep");
  } catch (const support::DatabaseError& error) {
    throw support::RefusedError("schema lockstep holds more than the journal, so it is not dropped: " + error.facts().detail +
                                "\nNothing was changed.");
  }
  transaction.commit();
}

}  // namespace lockstep::executor
