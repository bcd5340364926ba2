#include "executor/restore_triggers.h"

#include <set>

#include "support/error.h"
#include "support/sql_text.h"

namespace lockstep::executor {
namespace {

struct Actor {
  bool rule = false;
  std::string name, schema, table;
  char enabled = 'O';
  bool owned = false;
};

// INSERT and UPDATE fire the triggers of the target and of its leaves. tgtype: 4 insert, 16 update.
std::vector<Actor> actors(postgres::Session& session, const Restoration& one) {
  if (one.way == RestoreStrategy::sequence || one.creates_target) return {};
  const bool updates = one.way == RestoreStrategy::values;
  const std::string column = one.columns.empty() ? "" : one.columns.back();
  const auto rows = session.query(
      "WITH RECURSIVE tree (oid) AS (SELECT pg_catalog.to_regclass($1)::pg_catalog.oid UNION SELECT i.inhrelid FROM "
      "pg_catalog.pg_inherits i JOIN tree ON i.inhparent = tree.oid) "
      "SELECT false, g.tgname, n.nspname, c.relname, g.tgenabled, pg_catalog.pg_has_role(c.relowner, 'USAGE') FROM tree JOIN "
      "pg_catalog.pg_trigger g ON g.tgrelid = tree.oid JOIN pg_catalog.pg_class c ON c.oid = tree.oid JOIN "
      "pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE NOT g.tgisinternal AND g.tgenabled IN ('O', 'A') AND "
      "(g.tgtype::pg_catalog.int4 & $2::pg_catalog.int4) <> 0 AND ($2 = '4' OR "
      "pg_catalog.cardinality(g.tgattr::pg_catalog.int2[]) "
      "= 0 OR EXISTS (SELECT FROM pg_catalog.pg_attribute a WHERE a.attrelid = tree.oid AND a.attname = $3 AND a.attnum = ANY "
      "(g.tgattr::pg_catalog.int2[]))) "
      "UNION ALL SELECT true, r.rulename, n.nspname, c.relname, r.ev_enabled, pg_catalog.pg_has_role(c.relowner, 'USAGE') FROM "
      "tree "
      "JOIN pg_catalog.pg_rewrite r ON r.ev_class = tree.oid JOIN pg_catalog.pg_class c ON c.oid = tree.oid JOIN "
      "pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE r.ev_enabled IN ('O', 'A') AND r.ev_type = $4 ORDER BY 3, 4, 1, "
      "2",
      {one.target, updates ? "16" : "4", column, updates ? "2" : "3"});
  std::vector<Actor> found;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    found.push_back(
        {rows.boolean(i, 0), rows.text(i, 1), rows.text(i, 2), rows.text(i, 3), rows.text(i, 4).front(), rows.boolean(i, 5)});
  }
  return found;
}

}  // namespace

std::vector<std::string> fired_by(postgres::Session& session, const std::vector<Restoration>& all) {
  std::vector<std::string> names;
  std::set<std::string> told;
  for (const Restoration& one : all) {
    for (const Actor& actor : actors(session, one)) {
      std::string name = (actor.rule ? "rule " : "trigger ") + support::quote_identifier(actor.name) + " on " +
                         support::qualified(actor.schema, actor.table);
      if (told.insert(name).second) names.push_back(std::move(name));
    }
  }
  return names;
}

using support::Sql;

TriggersOff::TriggersOff(postgres::Session& session, const std::vector<Restoration>& all) : session_(session) {
  std::set<std::string> done;
  for (const Restoration& one : all) {
    for (const Actor& actor : actors(session, one)) {
      const std::string table = support::qualified(actor.schema, actor.table);
      const std::string what = std::string(actor.rule ? " RULE " : " TRIGGER ") + support::quote_identifier(actor.name);
      if (!done.insert(table + what).second) continue;
      if (!actor.owned)
        throw support::CommandError(support::ExitCode::failed,
                                    "--without-triggers:" + what + " of " + table +
                                        " can only be turned off by the table's owner, and the role of this connection is not "
                                        "one of its members.\nNothing was restored.");
      const Sql alter = "ALTER TABLE ONLY " + Sql::identifier(actor.schema, actor.table);
      const Sql named = (actor.rule ? Sql(" RULE ") : Sql(" TRIGGER ")) + Sql::identifier(actor.name);
      session.execute(alter + " DISABLE" + named);
      enable_.push_back(alter + (actor.enabled == 'A' ? Sql(" ENABLE ALWAYS") : Sql(" ENABLE")) + named);
    }
  }
}

void TriggersOff::give_back() {
  for (const support::Sql& statement : enable_) session_.execute(statement);
  enable_.clear();
}

}  // namespace lockstep::executor
