#include "reconciler/intents.h"

#include <algorithm>
#include <optional>

#include "catalog/keys.h"
#include "elaborator/desired.h"
#include "elaborator/scratch_copy.h"
#include "kinds/columns/carried.h"
#include "kinds/names/lookup_path.h"
#include "kinds/registry.h"
#include "support/digest.h"
#include "support/error.h"
#include "support/sql_text.h"

namespace lockstep::reconciler {

using catalog::Catalog;
using catalog::Change;
using catalog::Index;
using catalog::Object;
using catalog::ObjectId;
using support::DatabaseError;
using support::DeclaredSql;

namespace {

bool lost(const DatabaseError& error) {
  return error.facts().connection_lost;
}

// What the function $1 uses outside PostgreSQL's own schemas, and the table $2.
constexpr support::Sql kUsed = R"sql(
WITH RECURSIVE used (class, object, part) AS (
  SELECT d.refclassid, d.refobjid, d.refobjsubid FROM pg_catalog.pg_depend d
    WHERE d.classid = 'pg_catalog.pg_proc'::pg_catalog.regclass AND d.objid = $1::pg_catalog.regprocedure
  UNION
  SELECT x.class, x.object, x.part FROM used u CROSS JOIN LATERAL (
    SELECT d.refclassid, d.refobjid, d.refobjsubid FROM pg_catalog.pg_constraint k JOIN pg_catalog.pg_depend d
      ON d.classid = 'pg_catalog.pg_constraint'::pg_catalog.regclass AND d.objid = k.oid
      WHERE u.class = 'pg_catalog.pg_type'::pg_catalog.regclass AND k.contypid = u.object AND k.contypid <> 0
    UNION ALL SELECT 'pg_catalog.pg_type'::pg_catalog.regclass, t.typbasetype, 0 FROM pg_catalog.pg_type t
      WHERE u.class = 'pg_catalog.pg_type'::pg_catalog.regclass AND t.oid = u.object AND t.typbasetype <> 0
    UNION ALL SELECT 'pg_catalog.pg_proc'::pg_catalog.regclass, o.oprcode::pg_catalog.oid, 0 FROM pg_catalog.pg_operator o
      WHERE u.class = 'pg_catalog.pg_operator'::pg_catalog.regclass AND o.oid = u.object AND o.oprcode <> 0
    UNION ALL SELECT d.refclassid, d.refobjid, d.refobjsubid FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_depend d
      ON d.classid = 'pg_catalog.pg_proc'::pg_catalog.regclass AND d.objid = p.oid
      WHERE u.class = 'pg_catalog.pg_proc'::pg_catalog.regclass AND p.oid = u.object AND p.prosqlbody IS NOT NULL AND NOT p.prosecdef
  ) AS x (class, object, part)
)
SELECT n.nspname, x.name, x.arguments, x.part FROM used u CROSS JOIN LATERAL (
  SELECT p.pronamespace, p.proname, coalesce((SELECT pg_catalog.string_agg(pg_catalog.format_type(a.type, NULL), ', ' ORDER BY a.i)
      FROM pg_catalog.unnest(p.proargtypes::pg_catalog.oid[]) WITH ORDINALITY AS a (type, i)), ''), NULL::pg_catalog.name
    FROM pg_catalog.pg_proc p WHERE u.class = 'pg_catalog.pg_proc'::pg_catalog.regclass AND p.oid = u.object
  UNION ALL SELECT o.oprnamespace, NULL, NULL, NULL FROM pg_catalog.pg_operator o
    WHERE u.class = 'pg_catalog.pg_operator'::pg_catalog.regclass AND o.oid = u.object
  UNION ALL SELECT t.typnamespace, NULL, NULL, NULL FROM pg_catalog.pg_type t
    WHERE u.class = 'pg_catalog.pg_type'::pg_catalog.regclass AND t.oid = u.object
  UNION ALL SELECT c.relnamespace, c.relname, NULL, coalesce(a.attname, '') FROM pg_catalog.pg_class c LEFT JOIN pg_catalog.pg_attribute a
      ON a.attrelid = c.oid AND a.attnum = u.part AND u.part <> 0
    WHERE u.class = 'pg_catalog.pg_class'::pg_catalog.regclass AND c.oid = u.object AND c.oid <> $2::pg_catalog.regclass
) AS x (schema, name, arguments, part) JOIN pg_catalog.pg_namespace n ON n.oid = x.schema
WHERE n.nspname NOT IN ('pg_catalog', 'information_schema'))sql";

// Elaborates one column's expressions in a transaction that is rolled back. PostgreSQL parses an expression as it will in the
// step: as the value assigned to a column of the new type. The expression is put into the body of a function, which is the only
// kind of object that stores a whole UPDATE as a tree and prints it.
class Reading {
 public:
  Reading(elaborator::Copy& copy, const ObjectId& column, const std::vector<Change>& changes, const Catalog& desired,
          const Renaming& renaming, std::vector<std::string> path, const std::string& type,
          const std::vector<std::string>& first = {})
      : session_(copy.scratch->session()),
        column_(column),
        desired_(desired),
        renaming_(renaming),
        path_(std::move(path)),
        table_(support::qualified(column.path[0], column.path[1])),
        value_("lockstep_value_" + support::sha256(catalog::to_string(column)).substr(0, 12)),
        undone_(session_) {
    for (const auto& statement : first) tried(statement);
    // An expression may use columns that are added by the same plan.
    for (const Change& change : changes) {
      const bool beside = change.what == Change::What::added && change.id.is(*column.kind) && change.id != column &&
                          change.id.path[0] == column.path[0] && change.id.path[1] == column.path[1];
      if (beside) add_column(change.id.path[2], change.id);
    }
    tried("ALTER TABLE " + table_ + " ADD COLUMN " + value_ + " " + type);
  }

  // Gives types the names that they have in the step.
  void set_aside(const std::vector<std::string>& statements) {
    for (const auto& statement : statements) tried(statement);
  }

  // `convert` of a column that is renamed uses its name before.
  void keep_own_name() { keeps_own_name_ = true; }

  std::optional<std::string> read(const std::string& expression) {
    const std::string function = kFunction;
    const ObjectId table = planner::name_after(column_, renaming_.renames);
    // The author writes the names after the renames; the step runs before them.
    for (const auto& rename : renaming_.statements) try_all(rename, rename.forth);
    if (!tried("CREATE OR REPLACE FUNCTION " + function + " RETURNS void LANGUAGE sql BEGIN ATOMIC UPDATE " +
               support::qualified(table.path[0], table.path[1]) + " SET " + value_ + " = (" + expression + "); END"))
      return std::nullopt;
    for (auto rename = renaming_.statements.rbegin(); rename != renaming_.statements.rend(); ++rename)
      try_all(*rename, rename->back);
    const std::string body =
        session_.query("SELECT pg_catalog.pg_get_function_sqlbody($1::pg_catalog.regprocedure)", {function}).text(0, 0);
    const std::string before = " SET " + value_ + " =", after = ";\nEND";  // a CASE is printed on a line of its own
    const std::size_t begin = body.find(before);
    if (begin == std::string::npos || !body.ends_with(after)) {
      throw support::InternalError("an elaborated expression is printed in an unknown way: " + body);
    }
    remember_calls(function);
    remember_uses(function);
    const std::size_t value = std::min(body.find_first_not_of(" \n", begin + before.size()), body.size() - after.size());
    return body.substr(value, body.size() - value - after.size());
  }

  // The same without the table's name before its columns: ALTER TABLE … USING recurses to partitions and inheriting tables,
  // which have other names. A policy is the only kind of object whose expression PostgreSQL prints that way and that may call
  // anything. The policy gets the expression as already printed, so its meaning can't change. An expression that a policy can't
  // have (USING can't either) is left unchanged.
  std::string bare(const std::string& printed) {
    if (!tried("CREATE POLICY " + value_ + " ON " + table_ + " USING (pg_catalog.num_nulls(" + printed +
               ") OPERATOR(pg_catalog.=) 0)"))
      return printed;
    const std::string text =
        session_
            .query(
                "SELECT pg_catalog.pg_get_expr(polqual, polrelid) FROM pg_catalog.pg_policy WHERE polname = $1 AND polrelid = "
                "$2::pg_catalog.regclass",
                {value_, table_})
            .text(0, 0);
    tried("DROP POLICY " + value_ + " ON " + table_);
    const std::string before = "(num_nulls(", after = ") = 0)";
    if (!text.starts_with(before) || !text.ends_with(after))
      throw support::InternalError("an elaborated expression is printed in an unknown way: " + text);
    const std::size_t begin = text.find_first_not_of(" \n", before.size());  // a CASE is printed on a line of its own
    return text.substr(begin, text.size() - begin - after.size());
  }

  // REQUIRES: read() gave a text.
  Needed needs() {
    const auto rows = session_.query(kUsed, {kFunction, table_});
    Needed needs;
    for (std::size_t row = 0; row < rows.size(); ++row) {
      needs.schemas.insert(rows.text(row, 0));
      if (const auto arguments = rows.at(row, 2))
        needs.routines.insert({rows.text(row, 0), rows.text(row, 1), std::string(*arguments)});
      else if (const auto part = rows.at(row, 3))
        needs.relations.insert({{rows.text(row, 0), rows.text(row, 1)}, std::string(*part)});
    }
    return needs;
  }

  bool runs_bodies() const { return runs_bodies_; }
  const std::set<catalog::Path>& calls() const { return calls_; }
  const Uses& uses() const { return uses_; }

 private:
  static constexpr const char* kFunction = "pg_temp.lockstep_expression()";

  void add_column(const std::string& name, const ObjectId& id) {
    const Object* object = desired_.find(id);
    if (object == nullptr || !object->has(keys::kType)) return;
    tried("ALTER TABLE " + table_ + " ADD COLUMN " + support::quote_identifier(name) + " " + object->get(keys::kType));
  }

  void try_all(const Renaming::Statements& rename, const std::vector<std::string>& statements) {
    if (keeps_own_name_ && rename.object == column_) return;
    for (const std::string& statement : statements) tried(statement);
  }

  bool tried(const std::string& statement) {
    session_.execute("SAVEPOINT attempt");
    try {
      session_.declared_single(DeclaredSql(statement, path_));
      session_.execute("RELEASE SAVEPOINT attempt");
      return true;
    } catch (const DatabaseError& error) {
      if (lost(error)) throw;
      session_.execute("ROLLBACK TO SAVEPOINT attempt");
      return false;
    }
  }

  // From pg_depend: functions, including those of operators. PostgreSQL's own functions are not recorded there, and those of an
  // extension belong to nobody.
  void remember_calls(const std::string& function) {
    const auto rows = session_.query(
        "SELECT n.nspname, p.proname, coalesce((SELECT pg_catalog.string_agg(pg_catalog.format_type(a.type, NULL), ', ' ORDER BY "
        "a.i) "
        "FROM pg_catalog.unnest(p.proargtypes::pg_catalog.oid[]) WITH ORDINALITY AS a (type, i)), ''), p.prosqlbody IS NULL AND "
        "l.lanname NOT IN "
        "('internal', 'c') AND NOT EXISTS (SELECT FROM pg_catalog.unnest(p.proconfig) AS c (setting) WHERE "
        "pg_catalog.starts_with("
        "setting, 'search_path=')), EXISTS (SELECT FROM pg_catalog.pg_depend e WHERE e.classid = 'pg_catalog.pg_proc'"
        "::pg_catalog.regclass AND e.objid = p.oid AND e.deptype = 'e') FROM pg_catalog.pg_depend d LEFT JOIN "
        "pg_catalog.pg_operator o ON d.refclassid = "
        "'pg_catalog.pg_operator'::pg_catalog.regclass AND o.oid = d.refobjid JOIN pg_catalog.pg_proc p ON p.oid = CASE WHEN "
        "d.refclassid = 'pg_catalog.pg_proc'::pg_catalog.regclass THEN d.refobjid ELSE o.oprcode::pg_catalog.oid END JOIN "
        "pg_catalog.pg_namespace n ON n.oid = p.pronamespace JOIN pg_catalog.pg_language l ON l.oid = p.prolang WHERE d.classid "
        "= "
        "'pg_catalog.pg_proc'::pg_catalog.regclass AND d.objid = $1::pg_catalog.regprocedure AND n.nspname <> 'pg_catalog'",
        {function});
    for (std::size_t row = 0; row < rows.size(); ++row) {
      // Naming an extension's schema means that its functions are intended.
      if (!rows.boolean(row, 4)) calls_.insert({rows.text(row, 0), rows.text(row, 1), rows.text(row, 2)});
      runs_bodies_ = runs_bodies_ || rows.boolean(row, 3);
    }
  }

  // Everything in pg_depend except the table that is updated, including objects of extensions.
  void remember_uses(const std::string& function) {
    const auto rows = session_.query(
        "SELECT DISTINCT n.nspname, x.name, x.arguments FROM pg_catalog.pg_depend d LEFT JOIN pg_catalog.pg_operator o ON "
        "d.refclassid = 'pg_catalog.pg_operator'::pg_catalog.regclass AND o.oid = d.refobjid CROSS JOIN LATERAL (SELECT "
        "p.pronamespace, p.proname, coalesce((SELECT pg_catalog.string_agg(pg_catalog.format_type(a.type, NULL), ', ' ORDER BY "
        "a.i) FROM pg_catalog.unnest(p.proargtypes::pg_catalog.oid[]) WITH ORDINALITY AS a (type, i)), '') FROM "
        "pg_catalog.pg_proc p WHERE p.oid = CASE WHEN d.refclassid = 'pg_catalog.pg_proc'::pg_catalog.regclass THEN d.refobjid "
        "ELSE o.oprcode::pg_catalog.oid END UNION ALL SELECT e.typnamespace, e.typname, NULL FROM pg_catalog.pg_type t JOIN "
        "pg_catalog.pg_type e ON e.oid = CASE WHEN t.typcategory = 'A' AND t.typelem <> 0 THEN t.typelem ELSE t.oid END WHERE "
        "d.refclassid = 'pg_catalog.pg_type'::pg_catalog.regclass AND t.oid = d.refobjid UNION ALL SELECT c.relnamespace, "
        "c.relname, NULL FROM pg_catalog.pg_class c WHERE d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass AND c.oid = "
        "d.refobjid AND c.oid <> $2::pg_catalog.regclass) AS x (schema, name, arguments) JOIN pg_catalog.pg_namespace n ON n.oid "
        "= "
        "x.schema WHERE d.classid = 'pg_catalog.pg_proc'::pg_catalog.regclass AND d.objid = $1::pg_catalog.regprocedure AND "
        "n.nspname <> 'pg_catalog'",
        {function, table_});
    for (std::size_t row = 0; row < rows.size(); ++row) {
      if (const auto arguments = rows.at(row, 2))
        uses_.routines.insert({rows.text(row, 0), rows.text(row, 1), std::string(*arguments)});
      else
        uses_.others.insert({rows.text(row, 0), rows.text(row, 1)});
    }
  }

  postgres::Session& session_;
  const ObjectId& column_;
  const Catalog& desired_;
  const Renaming& renaming_;
  std::vector<std::string> path_;
  std::string table_, value_;
  bool keeps_own_name_ = false;
  std::set<catalog::Path> calls_;
  Uses uses_;
  bool runs_bodies_ = false;
  postgres::Transaction undone_;  // constructed last, so that everything else exists when it begins
};

struct Read {
  std::optional<std::string> text;
  std::set<catalog::Path> calls;
  Uses uses;
  bool runs_bodies = false;
};

bool declared(const Catalog& desired, const std::set<catalog::Path>& calls) {
  return std::all_of(calls.begin(), calls.end(), [&](const catalog::Path& call) {
    return std::any_of(desired.objects().begin(), desired.objects().end(),
                       [&](const Object& object) { return object.id.path == call; });
  });
}

// `convert using` of columns whose own type is still declared but is recreated.
class CarriedIntents {
 public:
  CarriedIntents(elaborator::Copy& copy, const std::vector<Change>& changes, const Catalog& from, const Catalog& desired,
                 const Renaming& renaming, Elaborated& result)
      : copy_(copy),
        changes_(changes),
        desired_(desired),
        renaming_(renaming),
        result_(result),
        carried_(kinds::carried_over(changes, from, desired)),
        aside_(kinds::set_types_aside(carried_.types, from)) {}

  void run(catalog::Intents& intents) {
    for (const ObjectId& column : carried_.columns) {
      const auto found = intents.find(column);
      if (found != intents.end() && found->second.convert) elaborate(column, found->second);
    }
  }

 private:
  void elaborate(const ObjectId& column, catalog::Intent& intent) {
    const Read before = best(column, intent, false), step = best(column, intent, true);
    if (!step.text && intent.renamed_in_this_plan) {
      throw support::RefusedError("PostgreSQL can't read convert using of " + catalog::to_string(column) +
                                  ", which is renamed while its type is recreated.\nNothing was changed. Rename the column in "
                                  "an earlier apply, and use the new name in the expression.");
    }
    if (step.text && before.text) intent.convert_before = before.text;  // otherwise it uses something that the plan creates
    if (!step.text || step.runs_bodies) result_.need_path.insert(column);
    for (const Read* read : {&before, &step}) {
      Uses& uses = result_.uses[column];
      uses.routines.insert(read->uses.routines.begin(), read->uses.routines.end());
      uses.others.insert(read->uses.others.begin(), read->uses.others.end());
    }
    if (step.text) intent.convert = step.text;
  }

  // See below for functions of others that no file declares.
  Read best(const ObjectId& column, const catalog::Intent& intent, bool aside) {
    Read read = attempt(column, intent, aside, kinds::lookup_path(column, desired_));
    if (read.text && !declared(desired_, read.calls)) {
      if (Read own = attempt(column, intent, aside, {}); own.text) read = std::move(own);
    }
    return read;
  }

  Read attempt(const ObjectId& column, const catalog::Intent& intent, bool aside, std::vector<std::string> path) {
    Reading reading(copy_, column, changes_, desired_, renaming_, std::move(path),
                    kinds::readable_type(*desired_.find(column), carried_.types, desired_));
    if (intent.renamed_in_this_plan) reading.keep_own_name();
    if (aside) reading.set_aside(aside_);
    auto text = reading.read(*intent.convert);
    if (text) text = reading.bare(*text);
    return {std::move(text), reading.calls(), reading.uses(), reading.runs_bodies()};
  }

  elaborator::Copy& copy_;
  const std::vector<Change>& changes_;
  const Catalog& desired_;
  const Renaming& renaming_;
  Elaborated& result_;
  kinds::Carried carried_;
  std::vector<std::string> aside_;
};

}  // namespace

Elaborated elaborate_intents(elaborator::Copy& copy, catalog::Intents& intents, const std::vector<Change>& changes,
                             const Catalog& from, const Catalog& desired, const Renaming& renaming) {
  Elaborated result;
  for (const Change& change : changes) {
    const auto found = intents.find(change.id);
    if (found == intents.end() || change.what == Change::What::removed) continue;
    catalog::Intent& intent = found->second;
    if (!intent.backfill && !intent.convert) continue;
    const Object* object = desired.find(change.id);
    if (object == nullptr || !object->has(keys::kType) || change.id.path.size() != 3) continue;
    bool good = true, bodies = false;
    const auto elaborate = [&](std::optional<std::string>& expression, bool old_name) {
      if (!expression) return;
      const auto attempt = [&](std::vector<std::string> path) {
        Reading reading(copy, change.id, changes, desired, renaming, std::move(path), object->get(keys::kType));
        if (old_name) reading.keep_own_name();
        std::optional<std::string> text = reading.read(*expression);
        if (text && &expression == &intent.convert) text = reading.bare(*text);
        return Read{std::move(text), reading.calls(), reading.uses(), reading.runs_bodies()};
      };
      Read read = attempt(kinds::lookup_path(change.id, desired));
      // A function that belongs to somebody else, and that no file declares, is a better match than PostgreSQL's own. It is not
      // meant if PostgreSQL's own matches too.
      if (read.text && !declared(desired, read.calls)) {
        if (Read own = attempt({}); own.text) read = std::move(own);
      }
      good = good && read.text;
      if (read.text) expression = std::move(read.text);
      bodies = bodies || read.runs_bodies;
      Uses& uses = result.uses[change.id];
      uses.routines.merge(read.uses.routines);
      uses.others.merge(read.uses.others);
    };
    elaborate(intent.backfill, false);
    elaborate(intent.convert, intent.renamed_in_this_plan);
    if (!good || bodies) result.need_path.insert(change.id);
  }
  CarriedIntents(copy, changes, from, desired, renaming, result).run(intents);
  return result;
}

std::vector<std::string> as_retyped(const std::vector<Change>& changes, const catalog::Path& table, const Catalog& desired) {
  std::vector<std::string> statements;
  for (const Change& change : changes) {
    const auto& path = change.id.path;
    const bool retyped = std::any_of(change.attributes.begin(), change.attributes.end(),
                                     [](const auto& item) { return item.attribute == keys::kType.name; });
    if (change.what != Change::What::set || !retyped || path.size() != 3 || path[0] != table[0] || path[1] != table[1]) continue;
    const std::string alter = "ALTER TABLE " + support::qualified(path[0], path[1]), name = support::quote_identifier(path[2]);
    statements.push_back(alter + " RENAME COLUMN " + name + " TO lockstep_was_" + std::to_string(statements.size()));
    statements.push_back(alter + " ADD COLUMN " + name + " " + desired.find(change.id)->get(keys::kType));
  }
  return statements;
}

void elaborate_ways_back(elaborator::Copy& copy, elaborator::Copy& live_copy, catalog::Intents& intents,
                         const std::vector<Change>& changes, const Catalog& live, const Catalog& desired,
                         const Renaming& renaming) {
  for (const Change& change : changes) {
    const auto found = intents.find(change.id);
    const Object* before = live.find(change.id);
    if (found == intents.end() || !found->second.convert_back || before == nullptr || !before->has(keys::kType)) continue;
    const auto attempt = [&](elaborator::Copy& on, const std::vector<Change>& beside, const std::vector<std::string>& first) {
      Reading reading(on, change.id, beside, desired, renaming, kinds::lookup_path(change.id, desired), before->get(keys::kType),
                      first);
      auto text = reading.read(*found->second.convert_back);
      return text ? std::optional(reading.bare(*text)) : text;
    };
    auto text = attempt(copy, {}, {});
    if (!text) text = attempt(live_copy, changes, as_retyped(changes, change.id.path, desired));
    if (text) found->second.convert_back = std::move(text);
  }
}

std::optional<Needed> needs_of(elaborator::Copy& copy, const ObjectId& column, const std::string& expression,
                               const std::string& type, const std::vector<std::string>& first, const std::vector<Change>& changes,
                               const Catalog& desired) {
  const Renaming none;  // what was elaborated has the names before
  Reading reading(copy, column, changes, desired, none, kinds::lookup_path(column, desired), type, first);
  if (!reading.read(expression)) return std::nullopt;
  return reading.needs();
}

}  // namespace lockstep::reconciler
