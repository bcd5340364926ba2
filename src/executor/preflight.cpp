#include "executor/preflight.h"

#include <set>

#include "support/sql_text.h"

namespace lockstep::executor {

namespace {

using plan::LockMode;

class Preflight {
 public:
  explicit Preflight(postgres::Session& session) : session_(session) {
    user_ = session_.query("SELECT current_user", {}).text(0, 0);
  }

  void journal() {
    const auto rows = session_.query(
        "SELECT pg_catalog.to_regclass('lockstep.event') IS NOT NULL, pg_catalog.current_database(), "
        "pg_catalog.has_database_privilege(pg_catalog.current_database(), 'CREATE')",
        {});
    if (!rows.boolean(0, 0)) {
      if (!rows.boolean(0, 2))
        need("schema lockstep can't be made", "CREATE ON DATABASE " + support::quote_identifier(rows.text(0, 1)));
      return;
    }
    if (!session_.query("SELECT pg_catalog.has_schema_privilege('lockstep', 'USAGE')", {}).boolean(0, 0)) {
      need("the journal can't be read", "USAGE ON SCHEMA lockstep");
      return;
    }
    const auto tables = session_.query(
        "SELECT t FROM pg_catalog.unnest(ARRAY['lockstep.run', 'lockstep.event', 'lockstep.backup', 'lockstep.applied', "
        "'lockstep.identity', 'lockstep.object']) AS t WHERE pg_catalog.to_regclass(t) IS NOT NULL AND NOT "
        "(pg_catalog.has_table_privilege(t, 'SELECT') AND (t = 'lockstep.identity' OR "
        "pg_catalog.has_table_privilege(t, 'INSERT')) AND (t NOT IN ('lockstep.applied', 'lockstep.object') OR "
        "pg_catalog.has_table_privilege(t, "
        "'DELETE')))",
        {});
    for (std::size_t row = 0; row < tables.size(); ++row) {
      const std::string table = tables.text(row, 0);
      need("the journal can't be written",
           (table == "lockstep.applied" || table == "lockstep.object" ? "SELECT, INSERT, DELETE ON " : "SELECT, INSERT ON ") +
               table);
    }
  }

  // CREATE TRIGGER and the referenced side of a foreign key need less than ownership.
  void alters(const plan::RelationLock& lock) {
    if (lock.mode < LockMode::share_update_exclusive) return;
    const auto rows = facts_of(lock.relation);
    if (rows.empty() || rows.boolean(0, 1)) return;
    if (lock.mode == LockMode::share_row_exclusive && rows.boolean(0, 2)) return;
    need_owner(lock.relation, rows.text(0, 0));
  }

  void loses(const std::string& relation) {
    const auto rows = facts_of(relation);
    if (!rows.empty() && !rows.boolean(0, 1)) need_owner(relation, rows.text(0, 0));
  }

  void fills(const plan::Batches& batches) {
    const std::string relation = support::qualified(batches.schema, batches.table);
    const auto rows = facts_of(relation);
    if (!rows.empty() && !rows.boolean(0, 3)) need("rows of " + relation + " can't be updated", "SELECT, UPDATE ON " + relation);
  }

  // A path in an existing schema whose second name isn't a relation yet: an object created directly in the schema.
  void produces(const catalog::ObjectId& id) {
    if (id.path.empty()) return;
    if (id.path.size() == 1) {
      const auto rows = session_.query(
          "SELECT pg_catalog.current_database(), pg_catalog.has_database_privilege(pg_catalog.current_database(), 'CREATE'), "
          "pg_catalog.to_regnamespace($1) IS NULL",
          {support::quote_identifier(id.path[0])});
      if (!rows.boolean(0, 1) && rows.boolean(0, 2)) {
        need(to_string(id) + " can't be made", "CREATE ON DATABASE " + support::quote_identifier(rows.text(0, 0)));
      }
      return;
    }
    const auto rows = session_.query(
        "SELECT pg_catalog.has_schema_privilege(oid, 'CREATE') FROM pg_catalog.pg_namespace WHERE nspname = $1 "
        "AND pg_catalog.to_regclass($2) IS NULL",
        {id.path[0], support::qualified(id.path[0], id.path[1])});
    if (!rows.empty() && !rows.boolean(0, 0)) {
      need("objects can't be made in schema " + id.path[0], "CREATE ON SCHEMA " + support::quote_identifier(id.path[0]));
    }
  }

  std::vector<std::string> result() { return std::move(missing_); }

 private:
  // owner, owned, trigger or foreign key allowed, updatable; no row if the relation doesn't exist (yet)
  postgres::Result facts_of(const std::string& relation) {
    return session_.query(
        "SELECT pg_catalog.pg_get_userbyid(relowner), pg_catalog.pg_has_role(relowner, 'USAGE'), "
        "pg_catalog.has_table_privilege(oid, 'REFERENCES') OR pg_catalog.has_table_privilege(oid, 'TRIGGER'), "
        "pg_catalog.has_any_column_privilege(oid, 'UPDATE') AND pg_catalog.has_any_column_privilege(oid, 'SELECT') "
        "FROM pg_catalog.pg_class WHERE oid = pg_catalog.to_regclass($1)",
        {relation});
  }

  void need(const std::string& what, const std::string& privilege) {
    add(what + ": GRANT " + privilege + " TO " + support::quote_identifier(user_));
  }
  void need_owner(const std::string& relation, const std::string& owner) {
    add(relation + " belongs to " + owner + ", and only its owner may change it: GRANT " + support::quote_identifier(owner) +
        " TO " + support::quote_identifier(user_));
  }
  void add(const std::string& line) {
    if (told_.insert(line).second) missing_.push_back(line);
  }

  postgres::Session& session_;
  std::string user_;
  std::set<std::string> told_;
  std::vector<std::string> missing_;
};

}  // namespace

std::vector<std::string> missing_privileges(postgres::Session& session, const plan::Plan& plan) {
  Preflight preflight(session);
  preflight.journal();
  for (const plan::Step& step : plan.steps) {
    for (const plan::RelationLock& lock : step.locks) preflight.alters(lock);
    for (const plan::Loss& loss : step.losses) {
      if (!loss.relation.empty()) preflight.loses(loss.relation);
    }
    if (step.mode == plan::TransactionMode::batches) preflight.fills(step.batches);
    for (const catalog::ObjectId& id : step.produces) preflight.produces(id);
  }
  return preflight.result();
}

}  // namespace lockstep::executor
