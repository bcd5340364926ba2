#include "executor/readiness.h"

#include <sys/statvfs.h>

#include <algorithm>
#include <filesystem>
#include <map>

#include "support/error.h"
#include "support/sql_text.h"

namespace lockstep::executor {

namespace {

namespace fs = std::filesystem;

// The session's role, and the effect of row-level security on it.
struct RowSecurity {
  bool known = false, enabled = false, forced = false;
  bool owner = false;
  bool at_first = false;  // it applies in the database's present state, whatever the plan's steps do to it
  bool applies() const { return known && enabled && (forced || !owner); }
};

class Obstacles {
 public:
  Obstacles(postgres::Session& session, const plan::Plan& plan, const std::set<std::string>& done, std::string backup_folder)
      : session_(session), plan_(plan), done_(done), backup_folder_(std::move(backup_folder)) {
    const auto role = session_.query(
        "SELECT current_user, rolsuper, rolsuper OR rolbypassrls FROM pg_catalog.pg_roles WHERE "
        "rolname = current_user",
        {});
    role_ = role.text(0, 0);
    super_ = role.boolean(0, 1);
    sees_all_rows_ = role.boolean(0, 2);
  }

  void server() {
    const auto state = session_.query(
        "SELECT pg_catalog.pg_is_in_recovery(), pg_catalog.current_setting('default_transaction_read_only'), "
        "pg_catalog.current_database()",
        {});
    if (state.boolean(0, 0)) add("this server is a standby (pg_is_in_recovery): nothing can be changed on it; name the primary");
    if (state.text(0, 1) == "on")
      add("transactions of " + role_ + " on database " + state.text(0, 2) +
          " are read-only (default_transaction_read_only = on): run as another role, or ALTER ROLE " +
          support::quote_identifier(role_) + " IN DATABASE " + support::quote_identifier(state.text(0, 2)) +
          " SET default_transaction_read_only = off");
  }

  void steps() {
    for (const plan::Step& step : plan_.steps) {
      if (done_.contains(step.id)) {
        continue;
      }
      saves(step);
      if (step.mode == plan::TransactionMode::batches)
        reads(step, support::qualified(step.batches.schema, step.batches.table), "filled");
      for (const plan::DataCheck& check : step.checks) {
        if (check.upfront) continue;  // it is checked before the first step anyway
        for (const plan::RelationLock& lock : step.locks) reads(step, lock.relation, "checked");
      }
      for (const std::string& statement : step.sql) {
        owns(step, statement);
        installs(step, statement);
        changes_row_security(statement);
      }
    }
  }

  void space() {
    if (backup_folder_.empty() || bytes_ == 0) return;
    std::error_code error;
    fs::path place = fs::absolute(backup_folder_, error);
    while (!fs::exists(place, error) && place.has_relative_path()) place = place.parent_path();
    struct statvfs disk = {};
    if (statvfs(place.c_str(), &disk) != 0) return;
    const auto free = static_cast<std::int64_t>(disk.f_bavail) * static_cast<std::int64_t>(disk.f_frsize);
    if (free >= bytes_) return;
    add("backup folder " + backup_folder_ + " has " + std::to_string(free / 1048576) +
        " MB of room, and what the plan saves is up to " + std::to_string(bytes_ / 1048576 + 1) +
        " MB: give a folder on another disk (--store, `backup.store`), or consent to going "
        "without backups by --no-backup");
  }

  std::vector<std::string> result() { return std::move(lines_); }

 private:
  void saves(const plan::Step& step) {
    for (const plan::Loss& loss : step.losses) {
      if (loss.query.empty() || backup_folder_.empty()) continue;
      if (!loss.relation.empty() && reads(step, loss.relation, "saved")) continue;
      // The hidden column's name doesn't exist yet; a role that may read the whole table may read the column.
      const std::string query = loss.hidden.empty() ? loss.query : "SELECT * FROM " + loss.relation;
      // otherwise an earlier step switches it off
      const bool asked = loss.relation.empty() || !row_security_of(loss.relation).at_first;
      if (const std::string why = asked ? refusal(query) : ""; !why.empty())
        add("step " + step.id + " can't save " + loss.what + ": " + why);
      measure(loss);
    }
  }

  // Reads no row: it checks privileges, and a foreign server has to answer.
  std::string refusal(const std::string& query) {
    try {
      postgres::Transaction transaction(session_, "BEGIN READ ONLY");
      session_.declared_single(support::DeclaredSql("SELECT FROM (" + query + ") AS saved LIMIT 0"));
      transaction.commit();
      return "";
    } catch (const support::DatabaseError& error) {
      if (error.facts().connection_lost) throw;
      const std::string state = error.sqlstate();
      const bool not_made_yet = state == "42P01" || state == "42703" || state == "3F000" || state == "42883";
      return not_made_yet ? "" : error.facts().message + " [" + state + "]";
    }
  }

  RowSecurity& row_security_of(const std::string& relation) {
    const auto [found, fresh] = row_security_.try_emplace(relation);
    if (!fresh) return found->second;
    const auto row = session_.query(
        "SELECT relrowsecurity, relforcerowsecurity, pg_catalog.pg_has_role(relowner, 'USAGE') FROM pg_catalog.pg_class WHERE "
        "oid = pg_catalog.to_regclass($1)",
        {relation});
    if (!row.empty()) found->second = {true, row.boolean(0, 0), row.boolean(0, 1), row.boolean(0, 2)};
    found->second.at_first = !sees_all_rows_ && found->second.applies();
    return found->second;
  }

  // Whether row-level security prevents it; then that is added to the obstacles.
  bool reads(const plan::Step& step, const std::string& relation, const char* what) {
    if (sees_all_rows_) return false;
    const RowSecurity& now = row_security_of(relation);
    if (!now.applies()) return false;
    std::string line = "the rows of " + relation + " can't all be " + what + " by step " + step.id + ": its row-level security " +
                       (now.owner ? "is forced on its owner and so " : "") + "applies to " + role_ +
                       ", and rows could be left out. Run as a role with BYPASSRLS (ALTER ROLE … BYPASSRLS, by a superuser)";
    if (now.owner)
      line += ", or take `force row level security` off the table in a change before this one (ALTER TABLE " + relation +
              " NO FORCE ROW LEVEL SECURITY)";
    add(line);
    return true;
  }

  // The plan's own steps switch it, by statements of known form.
  void changes_row_security(const std::string& statement) {
    if (statement.find("ROW LEVEL SECURITY") == std::string::npos || !statement.starts_with("ALTER TABLE ")) return;
    for (auto& [relation, now] : row_security_) {
      if (!statement.starts_with("ALTER TABLE " + relation + " ")) continue;
      apply(statement, now);
    }
    for (const plan::Step& step : plan_.steps) {
      for (const plan::Loss& loss : step.losses) remember(statement, loss.relation);
      if (step.mode == plan::TransactionMode::batches)
        remember(statement, support::qualified(step.batches.schema, step.batches.table));
    }
  }
  void remember(const std::string& statement, const std::string& relation) {
    if (relation.empty() || row_security_.contains(relation) || !statement.starts_with("ALTER TABLE " + relation + " ")) return;
    apply(statement, row_security_of(relation));
  }
  static void apply(const std::string& statement, RowSecurity& now) {
    const auto contains = [&](const char* words) { return statement.find(words) != std::string::npos; };
    if (contains(" NO FORCE ROW LEVEL SECURITY")) {
      now.forced = false;
    } else if (contains(" FORCE ROW LEVEL SECURITY")) {
      now.forced = true;
    }
    if (contains(" ENABLE ROW LEVEL SECURITY")) now.enabled = true;
    if (contains(" DISABLE ROW LEVEL SECURITY")) now.enabled = false;
  }

  // "ALTER … OWNER TO role", as the kinds write it.
  void owns(const plan::Step& step, const std::string& statement) {
    constexpr std::string_view kWords = " OWNER TO ";
    const std::size_t at = statement.rfind(kWords);
    if (super_ || at == std::string::npos || !statement.starts_with("ALTER ")) return;
    const std::string owner = statement.substr(at + kWords.size());
    postgres::Result row = session_.query(
        "SELECT r.rolname, pg_catalog.pg_has_role(r.oid, $2) FROM pg_catalog.pg_roles r WHERE pg_catalog.quote_ident(r.rolname) "
        "= $1",
        {owner, session_.server_version() >= 160000 ? "SET" : "MEMBER"});
    if (row.empty() || row.boolean(0, 1)) return;
    add("step " + step.id + " gives something to " + owner + ", and " + role_ + " is no member of that role: GRANT " + owner +
        " TO " + support::quote_identifier(role_));
  }

  // The extension's files have to be on the server, outside of the database.
  void installs(const plan::Step& step, const std::string& statement) {
    if (!statement.starts_with("CREATE EXTENSION ") || step.produces.empty()) return;
    const std::string& name = step.produces.front().path.back();
    if (!session_.query("SELECT 1 FROM pg_catalog.pg_available_extensions WHERE name = $1", {name}).empty()) return;
    add("step " + step.id + " needs extension " + name + ", which is not installed on this server: install its package there");
  }

  // COPY text compressed with zstd is hardly ever larger than the table; for one column, its share of a row is used.
  void measure(const plan::Loss& loss) {
    const auto size = session_.query(
        "SELECT pg_catalog.pg_table_size(c.oid), coalesce((SELECT pg_catalog.sum(s.avg_width) FROM pg_catalog.pg_stats s WHERE "
        "s.schemaname = n.nspname AND s.tablename = c.relname AND n.nspname || '.' || c.relname || '.' || s.attname = "
        "$2)::float8 "
        "/ nullif((SELECT pg_catalog.sum(s.avg_width) FROM pg_catalog.pg_stats s WHERE s.schemaname = n.nspname AND s.tablename "
        "= "
        "c.relname), 0), 1) FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = "
        "pg_catalog.to_regclass($1)",
        {loss.relation, loss.object});
    if (!size.empty()) bytes_ += static_cast<std::int64_t>(static_cast<double>(size.integer(0, 0)) * std::stod(size.text(0, 1)));
  }

  void add(const std::string& line) {
    if (std::find(lines_.begin(), lines_.end(), line) == lines_.end()) lines_.push_back(line);
  }

  postgres::Session& session_;
  const plan::Plan& plan_;
  const std::set<std::string>& done_;
  std::string backup_folder_, role_;
  bool super_ = false, sees_all_rows_ = false;
  std::map<std::string, RowSecurity> row_security_;
  std::int64_t bytes_ = 0;
  std::vector<std::string> lines_;
};

}  // namespace

std::vector<std::string> obstacles(postgres::Session& session, const plan::Plan& plan, const std::set<std::string>& done,
                                   const std::string& backup_folder) {
  Obstacles found(session, plan, done, backup_folder);
  found.server();
  found.steps();
  found.space();
  return found.result();
}

}  // namespace lockstep::executor
