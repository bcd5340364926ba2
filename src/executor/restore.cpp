#include "executor/restore.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "executor/journal.h"
#include "executor/restore_triggers.h"
#include "plan/became.h"
#include "support/error.h"
#include "support/sql_text.h"

namespace lockstep::executor {

namespace {

using support::CommandError;
using support::ExitCode;
using support::Sql;

[[noreturn]] void refuse(const BackupFile& file, const std::string& why) {
  throw CommandError(ExitCode::failed, file.object + " can't be restored: " + why + "\nNothing was restored.");
}

std::string text_of(const support::DatabaseError& error) {
  return error.facts().message + (error.facts().detail.empty() ? "" : " (" + error.facts().detail + ")");
}

std::string into_hint() {
  return " --into SCHEMA.TABLE brings the rows into a table of their own.";
}

std::vector<std::string> parsed(postgres::Session& session, const std::string& qualified) {
  return postgres::parse_array(session.query("SELECT pg_catalog.parse_ident($1)", {qualified}).text(0, 0));
}

std::string relkind(postgres::Session& session, const std::string& relation) {
  const auto found = session.query("SELECT relkind FROM pg_catalog.pg_class WHERE oid = pg_catalog.to_regclass($1)", {relation});
  return found.empty() ? "" : found.text(0, 0);
}

std::vector<std::string> names(const postgres::Result& rows) {
  std::vector<std::string> list;
  for (std::size_t i = 0; i < rows.size(); ++i) list.push_back(rows.text(i, 0));
  return list;
}

std::vector<std::string> columns_of(postgres::Session& session, const std::string& relation, bool writable) {
  return names(
      session.query("SELECT attname FROM pg_catalog.pg_attribute WHERE attrelid = pg_catalog.to_regclass($1) AND attnum > 0 "
                    "AND NOT attisdropped" +
                        (writable ? Sql(" AND attgenerated = ''") : Sql("")) + " ORDER BY attnum",
                    {relation}));
}

bool has(const std::vector<std::string>& list, const std::string& name) {
  return std::find(list.begin(), list.end(), name) != list.end();
}

// Values are compared as their types print them. So no user-defined operator or cast is used, and every type can be compared
// (json otherwise can't).
Sql printed(const Sql& side, const std::vector<std::string>& columns) {
  std::vector<Sql> values;
  for (const std::string& column : columns) values.push_back(side + "." + Sql::identifier(column));
  return "pg_catalog.textin(pg_catalog.record_out(ROW(" + Sql::join(values, ", ") + ")))";
}

Sql pairs(const Restoration& one) {
  Sql same = printed("t", one.key) + " = " + printed("s", one.key);
  if (one.only_unwritten) same = same + " AND " + printed("t", {one.columns.back()}) + " = s." + Sql::identifier(plan::kBecame);
  return same;
}

// A column that demands a value was hidden before its values were saved, and demanded none then: only a row that was added in
// that time has none. It keeps what the column has given it. IS DISTINCT FROM: a row type is no NULL by its fields.
Sql differs(const Restoration& one) {
  const Sql column = Sql::identifier(one.columns.back());
  const Sql saved = one.demands_value ? " AND s." + column + " IS DISTINCT FROM NULL" : Sql("");
  return printed("t", {one.columns.back()}) + " <> " + printed("s", {one.columns.back()}) + saved;
}

bool demands_value(postgres::Session& session, const std::string& table, const std::string& column) {
  return !session
              .query(
                  "SELECT FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_type t ON t.oid = a.atttypid WHERE attrelid = "
                  "pg_catalog.to_regclass($1) AND attname = $2 AND (attnotnull OR typnotnull)",
                  {table, column})
              .empty();
}

class Look {
 public:
  Look(postgres::Session& session, const Manifest& manifest, const BackupFile& file) : session_(session), manifest_(manifest) {
    one_.file = file;
    one_.saved = file.rows;
    for (const BackupColumn& column : file.columns) saved_.push_back(column.name);
  }

  Restoration into(const std::string& table) {
    one_.target = support::qualified(parsed(session_, table));
    one_.way = RestoreStrategy::rows;
    const std::string kind = relkind(session_, one_.target);
    one_.creates_target = kind.empty();
    if (!one_.creates_target) return rows();
    std::vector<Sql> parts;
    for (const BackupColumn& column : one_.file.columns) {
      const std::string name = column.name == "ctid" ? "saved_ctid" : column.name;
      const bool known =
          !column.type.empty() && session_.query("SELECT pg_catalog.to_regtype($1) IS NOT NULL", {column.type}).boolean(0, 0);
      parts.push_back(Sql::identifier(name) + " " + (known ? Sql::type(column.type) : Sql("pg_catalog.text")));
      one_.columns.push_back(name);
    }
    load("CREATE TEMPORARY TABLE " + fresh() + " (" + Sql::join(parts, ", ") + ")");
    return one_;
  }

  Restoration in_place() {
    one_.target = one_.file.relation;
    const std::string kind = relkind(session_, one_.target);
    if (kind.empty())
      refuse(one_.file, one_.target +
                            " doesn't exist. Declare and apply it first (catalog.txt of the backup has its definition)." +
                            into_hint());
    if (kind == "S") return sequence();
    std::vector<std::string> path = parsed(session_, one_.target);
    path.push_back(saved_.back());
    return support::join(path, ".") == one_.file.object ? values() : rows();
  }

 private:
  Sql fresh() {
    static int count = 0;
    one_.loaded = "pg_temp.lockstep_restore_" + std::to_string(++count);
    return Sql::relation(one_.loaded);
  }

  void load(const Sql& create) {
    session_.execute(create);
    const std::size_t dot = one_.loaded.find('.');
    restore_rows(session_, manifest_, one_.file, one_.loaded.substr(0, dot), one_.loaded.substr(dot + 1),
                 columns_of(session_, one_.loaded, false));
  }

  void require_columns(const std::vector<std::string>& target) {
    std::vector<std::string> missing;
    for (const std::string& name : saved_)
      if (!has(target, name)) missing.push_back(name);
    if (!missing.empty())
      refuse(one_.file,
             one_.target + " has no column " + support::join(missing, ", ") + ". Declare and apply it first." + into_hint());
  }

  void load_like_target() {
    std::vector<Sql> columns;
    for (const std::string& name : saved_) {
      const bool became = one_.only_unwritten && name == saved_.back();
      if (became) columns.push_back("NULL::pg_catalog.text AS " + Sql::identifier(plan::kBecame));
      columns.push_back(Sql::identifier(name));
    }
    load("CREATE TEMPORARY TABLE " + fresh() + " AS SELECT " + Sql::join(columns, ", ") + " FROM " + Sql::relation(one_.target) +
         " WITH NO DATA");
  }

  Restoration rows() {
    require_columns(columns_of(session_, one_.target, false));
    const std::vector<std::string> writable = columns_of(session_, one_.target, true);
    for (const std::string& name : saved_)
      if (has(writable, name)) one_.columns.push_back(name);
    const bool keyed = session_
                           .query(
                               "SELECT EXISTS (SELECT FROM pg_catalog.pg_index WHERE indrelid = pg_catalog.to_regclass($1) AND "
                               "indisunique AND indpred IS NULL)",
                               {one_.target})
                           .boolean(0, 0);
    if (!keyed && session_.execute("SELECT EXISTS (SELECT FROM " + Sql::relation(one_.target) + ")").boolean(0, 0))
      refuse(one_.file, one_.target + " holds rows and has no key to tell which of the saved ones are among them." + into_hint());
    load_like_target();
    return one_;
  }

  Restoration values() {
    one_.way = RestoreStrategy::values;
    one_.only_unwritten = saved_.size() > 1 && saved_[saved_.size() - 2] == plan::kBecame;
    if (one_.only_unwritten) saved_.erase(saved_.end() - 2);
    one_.key.assign(saved_.begin(), saved_.end() - 1);
    one_.columns = {saved_.back()};
    const bool found_by_it = one_.only_unwritten && one_.key.empty();  // it is the key
    if ((one_.key.empty() && !found_by_it) || (!one_.key.empty() && one_.key.front() == "ctid"))
      refuse(one_.file, "the table had no key when its values were saved, so their rows can't be found again." + into_hint());
    require_columns(columns_of(session_, one_.target, false));
    one_.computed = !has(columns_of(session_, one_.target, true), saved_.back());
    if (one_.computed) return one_;
    one_.demands_value = demands_value(session_, one_.target, one_.columns.back());
    load_like_target();
    const auto counts =
        session_.execute("SELECT count(*), count(*) FILTER (WHERE " + differs(one_) + "), count(*) FILTER (WHERE " +
                         differs(one_) + " AND t." + Sql::identifier(one_.columns.back()) + " IS NOT NULL) FROM " +
                         Sql::relation(one_.target) + " t JOIN " + Sql::relation(one_.loaded) + " s ON " + pairs(one_));
    one_.found = counts.integer(0, 0);
    one_.differing = counts.integer(0, 1);
    one_.overwritten = one_.only_unwritten ? 0 : counts.integer(0, 2);
    return one_;
  }

  Restoration sequence() {
    one_.way = RestoreStrategy::sequence;
    load("CREATE TEMPORARY TABLE " + fresh() + " (last_value bigint, is_called boolean)");
    return one_;
  }

  postgres::Session& session_;
  const Manifest& manifest_;
  Restoration one_;
  std::vector<std::string> saved_;
};

// A restored row may have a number that the column's sequence hasn't returned yet. `rows`: which has them, the target or what was
// loaded.
void advance_sequences(postgres::Session& session, const Restoration& one, const std::string& rows) {
  for (const std::string& column : one.columns) {
    const auto owned = session.query("SELECT pg_catalog.pg_get_serial_sequence($1, $2)", {one.target, column});
    if (!owned.at(0, 0)) continue;
    const Sql name = Sql::relation(owned.text(0, 0));
    session.execute("SELECT pg_catalog.setval(" + Sql::literal(owned.text(0, 0)) + ", high.value) FROM (SELECT max(" +
                    Sql::identifier(column) + ") AS value FROM " + Sql::relation(rows) + ") AS high, " + name +
                    " AS now WHERE high.value > now.last_value OR (high.value = now.last_value AND NOT now.is_called)");
  }
}

bool is_always_generated(postgres::Session& session, const std::string& table, const std::string& column) {
  return !session
              .query(
                  "SELECT FROM pg_catalog.pg_attribute WHERE attrelid = pg_catalog.to_regclass($1) AND attname = $2 AND "
                  "attidentity "
                  "= 'a'",
                  {table, column})
              .empty();
}

std::int64_t write(postgres::Session& session, const Restoration& one) {
  if (one.computed) return 0;
  const Sql target = Sql::relation(one.target), loaded = Sql::relation(one.loaded);
  if (one.way == RestoreStrategy::sequence) {
    session.execute("SELECT pg_catalog.setval(" + Sql::literal(one.target) + ", last_value, is_called) FROM " + loaded);
    return 1;
  }
  if (one.way == RestoreStrategy::values) {
    const Sql column = Sql::identifier(one.columns.back());
    // An UPDATE may write no value of its own to a column that is GENERATED ALWAYS AS IDENTITY, not even with OVERRIDING.
    const bool generated = is_always_generated(session, one.target, one.columns.back());
    const Sql identity = "ALTER TABLE " + target + " ALTER COLUMN " + column + " SET GENERATED ";
    if (generated) session.execute(identity + "BY DEFAULT");
    const std::int64_t count =
        session
            .execute("WITH done AS (UPDATE " + target + " t SET " + column + " = s." + column + " FROM " + loaded + " s WHERE " +
                     pairs(one) + " AND " + differs(one) + " RETURNING 1) SELECT count(*) FROM done")
            .integer(0, 0);
    if (generated) {
      advance_sequences(session, one, one.target);
      session.execute(identity + "ALWAYS");
    }
    return count;
  }
  if (one.creates_target) session.execute("CREATE TABLE " + target + " AS SELECT * FROM " + loaded + " WITH NO DATA");
  const Sql list = Sql::identifiers(one.columns);
  // First, and whatever becomes of the rows (setval is not rolled back): new rows must not take the keys of those that can't come
  // back yet.
  if (!one.creates_target) advance_sequences(session, one, one.loaded);
  const std::int64_t count =
      session
          .execute("WITH done AS (INSERT INTO " + target + " (" + list + ") OVERRIDING SYSTEM VALUE SELECT " + list + " FROM " +
                   loaded + " ON CONFLICT DO NOTHING RETURNING 1) SELECT count(*) FROM done")
          .integer(0, 0);
  return count;
}

}  // namespace

Restoration look_at(postgres::Session& session, const Manifest& manifest, const BackupFile& file, const std::string& into) {
  try {
    Look look(session, manifest, file);
    return into.empty() ? look.in_place() : look.into(into);
  } catch (const support::DatabaseError& error) {
    refuse(file, text_of(error));
  }
}

void put_in_order(postgres::Session& session, std::vector<Restoration>& all) {
  const auto refers = [&](const Restoration& one, const Restoration& other) {
    // A key has its former values first: those of other columns were saved with them.
    if (one.target == other.target && other.only_unwritten && has(one.key, other.columns.back())) return true;
    return session
        .query(
            "SELECT EXISTS (SELECT FROM pg_catalog.pg_constraint WHERE contype = 'f' AND conrelid = pg_catalog.to_regclass($1) "
            "AND confrelid = pg_catalog.to_regclass($2) AND conrelid <> confrelid)",
            {one.target, other.target})
        .boolean(0, 0);
  };
  std::vector<Restoration> ordered;
  while (!all.empty()) {
    auto next = std::find_if(all.begin(), all.end(), [&](const Restoration& one) {
      return std::none_of(all.begin(), all.end(), [&](const Restoration& other) { return refers(one, other); });
    });
    if (next == all.end()) next = all.begin();  // a cycle
    ordered.push_back(std::move(*next));
    all.erase(next);
  }
  all = std::move(ordered);
}

std::vector<std::int64_t> restore(postgres::Session& session, const Manifest& manifest, const std::vector<Restoration>& all,
                                  const std::string& by, bool without_triggers) {
  std::vector<std::int64_t> counts;
  postgres::Transaction transaction(session);
  std::optional<TriggersOff> off;
  if (without_triggers) off.emplace(session, all);
  session.execute("SET CONSTRAINTS ALL DEFERRED");
  for (const Restoration& one : all) {
    try {
      counts.push_back(write(session, one));
    } catch (const support::DatabaseError& error) {
      refuse(one.file, text_of(error));
    }
  }
  if (off) {
    // Checks the queued events while the triggers are still off: a table with pending trigger events can't be altered.
    session.execute("SET CONSTRAINTS ALL IMMEDIATE");
    off->give_back();
  }
  if (journal_exists(session)) {
    Journal journal(session);
    journal.upgrade();
    const bool known = !session.query("SELECT 1 FROM lockstep.run WHERE id::text = $1", {manifest.run}).empty();
    for (std::size_t i = 0; i < all.size(); ++i)
      journal.append(known ? manifest.run : "", "restored", "",
                     Json{{"object", all[i].file.object},
                          {"into", all[i].target},
                          {"rows", counts[i]},
                          {"backup", manifest.run},
                          {"file", all[i].file.file},
                          {"by", by}});
  }
  transaction.commit();
  return counts;
}

}  // namespace lockstep::executor
