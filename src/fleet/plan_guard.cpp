#include "fleet/plan_guard.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "catalog/keys.h"
#include "fleet/copy_guard.h"
#include "fleet/drops_later.h"
#include "fleet/plan_names.h"
#include "fleet/plan_types.h"
#include "fleet/saving_query.h"
#include "fleet/statement_tree.h"
#include "fleet/succession_guard.h"
#include "fleet/type_name.h"
#include "kinds/registry.h"
#include "parser/sql_parse.h"
#include "parser/sql_rules.h"
#include "parser/sql_tree.h"
#include "plan/undo.h"
#include "recipes/share_names.h"
#include "support/error.h"
#include "support/sql_text.h"
#include "support/visible.h"

namespace lockstep::fleet {
namespace {

using catalog::Path;
using nlohmann::json;
using parser::at;
using parser::string_of;
using parser::strings_of;
using parser::text_at;
using parser::true_at;
using plan::Step;

// Allowed in addition to the statements that a .sql file may contain.
constexpr std::array<std::string_view, 14> kOfSteps = {"DropStmt",      "DropUserMappingStmt",
                                                       "UpdateStmt",    "RefreshMatViewStmt",
                                                       "CreateFdwStmt", "AlterFdwStmt",
                                                       "LockStmt",      "AlterExtensionStmt",
                                                       "SelectStmt",    "AlterCollationStmt",
                                                       "VacuumStmt",    "ReindexStmt",
                                                       "InsertStmt",    "DoStmt"};

std::string beginning(std::string_view sql) {
  constexpr std::size_t kShown = 120;
  std::string line = support::visible(sql.substr(0, kShown));
  return sql.size() > kShown ? line + "…" : line;
}

Path with(Path path, std::string name) {
  path.push_back(std::move(name));
  return path;
}

class Guard {
 public:
  Guard(const plan::Plan& plan, const postgres::Snapshot& live, const std::set<std::string>& done)
      : plan_(plan),
        live_(live.catalog),
        transitional_(live.transitional),
        done_(done),
        successions_(plan),
        types_(live),
        copies_(live.catalog, types_) {}

  void run() {
    for (index_ = 0; index_ < plan_.steps.size(); ++index_) {
      const Step& step = plan_.steps[index_];
      for (const plan::DataCheck& check : step.checks) {
        question(check.count);
        question(check.sample);
        if (!check.row_by_row.table.empty()) question(row_by_row_query(check.row_by_row));
      }
      for (const plan::Loss& loss : step.losses)
        if (!loss.query.empty()) question(loss.query);
      if (!step.postcheck.empty()) question(step.postcheck);
      if (!step.repair.empty()) statement(step.repair);
      given_.clear();
      for (const std::string& sql : step.sql) {
        try {
          statement(sql);
        } catch (const support::CommandError&) {  // the database has changed since a finished step found it
          if (!done_.contains(step.id)) throw;
        }
      }
      columns_of_helpers();
      if (step.mode == plan::TransactionMode::batches) batches(step.batches);
    }
  }

 private:
  const Step& step() const { return plan_.steps[index_]; }

  [[noreturn]] void refuse(const std::string& sql, const std::string& why) const {
    throw support::CommandError(
        support::ExitCode::mismatch,
        fmt::format(
            "step {} ({}) of this plan {}:\n  {}\nNo plan of Lockstep is like that: it was changed after it was made, or not "
            "made by this version. Nothing was run by this command; make the plan again",
            step().id, support::visible(step().title), why, beginning(sql)));
  }

  void demand(const std::string& wrong, const std::string& sql) const {
    if (!wrong.empty()) refuse(sql, wrong);
  }

  parser::SqlPiece only_statement(const std::string& sql) const {
    std::optional<parser::SqlError> error;
    std::vector<parser::SqlPiece> pieces = parser::split_sql(sql, error);
    if (error || pieces.size() != 1 || pieces.front().wrong) refuse(sql, "holds a text that is not one statement");
    return std::move(pieces.front());
  }

  // What a step says it has made is dropped, or renamed, when the run is taken back: so it has to make it.
  void columns_of_helpers() const {
    if (done_.contains(step().id)) return;  // its rows in lockstep.object are compared with the plan
    for (const plan::Helper& helper : step().helpers) {
      if (helper.change != plan::Helper::Change::made || helper.type != "table column") continue;
      const auto given = given_.find(helper.names);
      if (given == given_.end())
        refuse(support::join(helper.names, "."), "says that it makes a column which none of its statements adds or renames");
      if (plan::holds_former_values(helper) && given->second != helper.subject)
        refuse(support::join(helper.names, "."), "says that it hides another column than its statements do");
    }
  }

  // The query of a data check or of a backup.
  void question(const std::string& sql) const {
    const parser::SqlPiece piece = only_statement(sql);
    if (piece.tree.is_null()) {  // syntax newer than the parser's
      if (parser::leading_words(sql, 1) != std::vector<std::string>{"SELECT"}) refuse(sql, "asks by something other than SELECT");
      return;
    }
    const json& select = at(piece.tree, "SelectStmt");
    if (select.is_null() || !at(select, "intoClause").is_null() || changes_rows(select))
      refuse(sql, "asks by something other than SELECT");
  }

  void statement(const std::string& sql) {
    const parser::SqlPiece piece = only_statement(sql);
    if (piece.tree.is_null()) {
      const parser::SqlUse use = parser::sql_rule_by_words(sql).use;
      if (use == parser::SqlUse::refuse || support::join(parser::leading_words(sql, 64), " ").find(" DROP ") != std::string::npos)
        refuse(sql, "holds a statement that this version can't read");
      return;
    }
    const std::string& node = piece.tree.begin().key();
    const json& fields = piece.tree.begin().value();
    const parser::SqlUse use = parser::sql_rule(node).use;
    const bool defines = use != parser::SqlUse::refuse && use != parser::SqlUse::skip && use != parser::SqlUse::setting;
    if (!defines && std::find(kOfSteps.begin(), kOfSteps.end(), node) == kOfSteps.end())
      refuse(sql, "holds a statement of a class that no step ever holds");
    if (node == "CreateStmt") names_.make(path_of(at(fields, "relation")));
    if (node == "CreateStmt") copies_.creates(path_of(at(fields, "relation")), fields);
    if (node == "CreateSeqStmt") names_.make(path_of(at(fields, "sequence")));
    if (node == "SelectStmt" && !sets_a_sequence(fields)) refuse(sql, "selects something");
    if (node == "InsertStmt") demand(copies_.inserts(index_, fields, sql, names_), sql);
    if (node == "DoStmt" && !recipes::names_shares(sql)) demand(copies_.runs(index_, sql), sql);
    if (node == "UpdateStmt") refuse(sql, "overwrites rows outside batches");
    if (node == "VacuumStmt" && true_at(fields, "is_vacuumcmd")) refuse(sql, "vacuums");
    if (node == "CreateDomainStmt") {
      const auto name = strings_of(at(fields, "domainname"));
      if (name.size() == 2) types_.add_domain(support::qualified(name), type_name(at(fields, "typeName")));
    }
    if (node == "DropStmt") drop(fields, sql);
    if (node == "AlterTableStmt") alter(fields, sql);
    if (node == "RenameStmt") rename(fields, sql);
    if (node == "AlterObjectSchemaStmt") moved(at(fields, "relation"), text_at(fields, "newschema"), true);
    if (node == "GrantStmt") grant(fields, sql);
  }

  void moved(const json& range, const std::string& to, bool schema) {
    const Path path = path_of(range);
    if (path.size() == 2) names_.rename(path, schema ? Path{to, path[1]} : Path{path[0], to});
  }

  void drop(const json& fields, const std::string& sql) {
    if (text_at(fields, "behavior") == "DROP_CASCADE") refuse(sql, "drops what depends on something along with it");
    const std::string type = text_at(fields, "removeType");
    const bool rows = type == "OBJECT_TABLE";
    if (!rows && type != "OBJECT_SEQUENCE" && type != "OBJECT_EXTENSION") return;
    for (const json& object : at(fields, "objects")) {
      const json& list = at(at(object, "List"), "items");
      const Path path = list.empty() ? Path{string_of(object)} : Path(strings_of(list));
      if (!rows && path.front() == "lockstep" && path.back().starts_with("zz_lockstep_")) continue;  // a transitional counter
      const std::optional<Path> old = names_.before(path);
      if (rows && copies_.has_copied(index_, path)) continue;
      if (!old || (!rows && made_later(*old))) continue;
      require_loss(rows ? "drop-table" : "drop-object", *old, path, rows ? "*" : "", sql);
    }
  }

  void alter(const json& fields, const std::string& sql) {
    const Path relation = path_of(at(fields, "relation"));
    const bool attribute = text_at(fields, "objtype") == "OBJECT_TYPE";
    for (const json& item : at(fields, "cmds")) {
      const json& command = at(item, "AlterTableCmd");
      const std::string what = text_at(command, "subtype");
      if (text_at(command, "behavior") == "DROP_CASCADE" && !attribute)
        refuse(sql, "drops what depends on something along with it");
      const Path part = with(relation, text_at(command, "name"));
      const bool former = !attribute && is_former(part);
      if (what == "AT_AddColumn") {
        const json& definition = at(at(command, "def"), "ColumnDef");
        const Path added = with(relation, text_at(definition, "colname"));
        names_.make(added);
        added_.insert(added);
        given_[added] = {};
        demand(successions_.adds(index_, added, type_name(at(definition, "typeName"))), sql);
      }
      if (what == "AT_DropColumn") demand(successions_.drops(part), sql);
      if (what == "AT_AlterColumnType")
        demand(former ? "changes former values of a column before they are saved" : successions_.retypes(part), sql);
      const std::optional<Path> old = names_.before(part);
      if (what == "AT_DropColumn" && old && !computed_again(*old, part) && !succeeded_.contains(*old) && !is_copy(*old))
        require_loss(attribute ? "drop-object"
                     : former  ? "lossy-type"
                               : "drop-column",
                     *old, relation, attribute ? "" : part.back(), sql);
      if (what == "AT_DropColumn") names_.forget(part);
      if (what == "AT_AlterColumnType" && old && !attribute) retype(*old, part, at(at(command, "def"), "ColumnDef"), sql);
    }
  }

  // A resumed run may have renamed the column already.
  void retype(const Path& before, const Path& now, const json& definition, const std::string& sql) const {
    if (!step().losses.empty() || breaks() || step().rewrites) return;
    const std::string first = types_.live(before), live = first.empty() ? types_.live(now) : first;
    const bool kept =
        at(definition, "raw_default").is_null() && !live.empty() &&
        keeps_values(types_.without_domains(type_name(live)), types_.without_domains(type_name(at(definition, "typeName"))));
    if (!kept) refuse(sql, "converts values and doesn't say so (neither a loss nor a hazard)");
  }

  // It has a hazard that says what statements see.
  bool breaks() const { return plan::breaks(step()); }

  // Whether a run has hidden the column, according to table lockstep.object: it belongs to nobody's schema under this name.
  bool is_hidden(const Path& column) const {
    return std::any_of(transitional_.begin(), transitional_.end(),
                       [&](const auto& item) { return item.second.id.path == column; });
  }

  // A run has added it beside a column that it was to succeed: it holds nothing of its own.
  bool is_copy(const Path& column) const {
    return is_hidden(column) && !is_named_as_hidden(column) && !is_named_as_former(column);
  }

  // It had another name, which another column has now, or has had on its way to a new one: this one holds what that one's values
  // were before its type changed.
  bool is_former(const Path& column) const {
    if (is_hidden(column) && is_named_as_former(column)) return !added_.contains(column);  // or a step that is done has added it
    const std::optional<Path> old = names_.before(column);
    if (!old || *old == column || !is_named_as_former(column)) return false;
    const auto had = had_.find(column);
    const std::vector<Path> names = had == had_.end() ? std::vector<Path>{*old} : had->second;
    return std::any_of(names.begin(), names.end(), [&](const Path& name) {
      const std::optional<Path> other = names_.before(name);  // a way back gives that name to the column that had it first
      return !other || is_hidden(*other) || passed_on_.contains(name);
    });
  }

  void rename(const json& fields, const std::string& sql) {
    const std::string type = text_at(fields, "renameType"), to = text_at(fields, "newname");
    const Path relation = path_of(at(fields, "relation"));
    if (type == "OBJECT_COLUMN") {
      const Path column = with(relation, text_at(fields, "subname"));
      demand(successions_.renames(index_, column, to), sql);
      const std::optional<Path> old = names_.before(column);
      names_.rename(column, with(relation, to));
      given_[with(relation, to)] = column;
      if (!old) passed_on_.insert(column);
      std::vector<Path> had = std::exchange(had_[column], {});
      had.push_back(column);
      had_[with(relation, to)] = std::move(had);
      if (!old) return;
      renamed_in_[with(relation, to)] = index_;
      if (is_hidden(*old)) return;  // it gets its former name back
      if (succeeds(*old)) succeeded_.insert(*old);
      if (!breaks() && !saved_hidden(*old, to) && !succeeded_.contains(*old)) refuse(sql, "renames a column and doesn't say so");
    } else if (type == "OBJECT_SCHEMA") {
      const bool known = names_.before({text_at(fields, "subname")}).has_value();
      names_.rename({text_at(fields, "subname")}, {to});
      if (known && !breaks()) refuse(sql, "renames a schema and doesn't say so");
    } else if (type == "OBJECT_TABLE") {
      const auto before = names_.before(relation);
      if (relation.size() == 2) copies_.renames(index_, relation, {relation[0], to});
      moved(at(fields, "relation"), to, false);
      if (before) renamed_in_[{relation[0], to}] = index_;
      const bool hidden = before && (is_hidden(*before) || saved_hidden(*before, support::qualified(relation[0], to)));
      if (before && !breaks() && !hidden && !drops_later(plan_, index_, *before, {relation[0], to}))
        refuse(sql, "renames a table and doesn't say so");
    }
    if (type == "OBJECT_SEQUENCE") moved(at(fields, "relation"), to, false);
  }

  bool succeeds(const Path& column) const {
    std::string live = types_.live(column);
    // After the swap, one that has got another name too has the name that it was added under.
    if (const Path named = successions_.successor_of(column); live.empty() && !named.empty()) live = types_.live(named);
    return !live.empty() && successions_.succeeds(index_, column, [&](const TypeName& type) {
      return keeps_values(types_.without_domains(type_name(live)), type);
    });
  }

  // A column or table that is hidden to be saved and dropped: the step that saves it has the hazard.
  bool saved_hidden(const Path& column, const std::string& hidden) const {
    const std::string name = support::join(column, ".");
    return std::any_of(plan_.steps.begin() + static_cast<std::ptrdiff_t>(index_), plan_.steps.end(), [&](const Step& later) {
      return std::any_of(later.losses.begin(), later.losses.end(),
                         [&](const plan::Loss& loss) { return loss.object == name && loss.hidden == hidden; });
    });
  }

  void grant(const json& fields, const std::string& sql) const {
    if (true_at(fields, "is_grant") || breaks()) return;
    for (const json& grantee : at(fields, "grantees")) {
      const json& role = at(grantee, "RoleSpec");
      const std::string name = text_at(role, "roletype") == "ROLESPEC_PUBLIC" ? "PUBLIC" : text_at(role, "rolename");
      for (const json& object : at(fields, "objects")) {
        const Path path = path_of(at(object, "RangeVar"));
        if (path.size() == 2 && names_.before(path) && has_grant(path, name))
          refuse(sql, "takes a privilege away and doesn't say so");
      }
    }
  }

  bool has_grant(const Path& target, const std::string& grantee) const {
    return std::any_of(live_.objects().begin(), live_.objects().end(), [&](const catalog::Object& object) {
      const Path& path = object.id.path;
      return kinds::of(object.id).placement == kinds::Placement::target_by_role && path.back() == grantee &&
             std::search(path.begin(), path.end(), target.begin(), target.end()) != path.end();
    });
  }

  void batches(const plan::Batches& batches) const {
    const std::string sql = fmt::format("UPDATE {} SET {} WHERE {}", support::qualified(batches.schema, batches.table),
                                        batches.assignment, batches.pending);
    const json tree = only_statement(sql).tree;
    const json& update = at(tree, "UpdateStmt");
    const Path relation = path_of(at(update, "relation"));
    if (update.is_null() || relation != Path{batches.schema, batches.table} || !at(update, "fromClause").is_null() ||
        !at(update, "withClause").is_null() || !at(update, "returningList").is_null())
      refuse(sql, "has batches that are no plain UPDATE");
    for (const json& target : at(update, "targetList")) {
      const std::string column = text_at(at(target, "ResTarget"), "name");
      demand(is_former(with(relation, column))
                 ? "overwrites former values of a column before they are saved"
                 : successions_.assigns(index_, with(relation, column), at(at(target, "ResTarget"), "val")),
             sql);
      if (!names_.before(with(relation, column)) || !step().losses.empty() || asks_for_null(at(update, "whereClause"), column))
        continue;
      refuse(sql, "overwrites values of a column that existed before, and doesn't say so");
    }
  }

  // A generated column has no values of its own to lose, if it is recreated.
  bool computed_again(const Path& old, const Path& now) const {
    const bool there = std::any_of(live_.objects().begin(), live_.objects().end(),
                                   [&](const catalog::Object& object) { return object.id.path == old; });
    const bool generated = std::any_of(live_.objects().begin(), live_.objects().end(), [&](const catalog::Object& object) {
      return object.id.path == old && object.has(keys::kGenerated);
    });
    return (generated || !there) && text_from_here("ADD COLUMN " + support::quote_identifier(now.back()));
  }
  bool made_later(const Path& path) const {
    return text_from_here(
        path.size() == 2 ? support::qualified(path[0], path[1]) : "EXTENSION " + support::quote_identifier(path[0]), "CREATE ");
  }
  bool text_from_here(const std::string& part, std::string_view beginning = {}) const {
    return std::any_of(plan_.steps.begin() + static_cast<std::ptrdiff_t>(index_), plan_.steps.end(), [&](const Step& later) {
      return std::any_of(later.sql.begin(), later.sql.end(), [&](const std::string& sql) {
        return sql.starts_with(beginning) && sql.find(part) != std::string::npos;
      });
    });
  }

  // By its name, or for a hidden column by its hidden name.
  bool speaks_of(const plan::Loss& loss, const Path& object) const {
    return loss.object == support::join(object, ".") || (loss.hidden == object.back() && is_hidden(object));
  }

  // Whether a sequence's position passes to another one in the same transaction, so that nothing is lost.
  bool hands_over(const Path& sequence) const {
    const std::string end = ", last_value, is_called) FROM " + support::qualified(sequence);
    const auto& sql = plan_.steps[index_].sql;
    return std::any_of(sql.begin(), sql.end(), [&](const std::string& one) {
      return one.starts_with("SELECT pg_catalog.setval('") && one.ends_with(end);
    });
  }

  // Requires a loss in this step or an earlier one. `part`: what its query must read: "*", a column, or (empty) anything.
  void require_loss(std::string_view hazard, const Path& object, const Path& relation, const std::string& part,
                    const std::string& sql) const {
    const std::string name = support::join(object, ".");
    if (hazard == "drop-object" && hands_over(relation)) return;
    for (std::size_t i = 0; i <= index_; ++i) {
      for (const plan::Loss& loss : plan_.steps[i].losses)
        if (loss.hazard == hazard && speaks_of(loss, object) && saves_hidden(loss, i, relation, part) &&
            (part.empty() || saves(at(only_statement(loss.query).tree, "SelectStmt"), loss, object, relation, part)))
          return;
    }
    refuse(sql,
           fmt::format("destroys {} without the loss ({}) that it is saved and consented to by", support::visible(name), hazard));
  }

  // What is saved without a lock is saved after the plan has hidden it, by its hidden name. A type change in one statement saves
  // its column under the lock: such a loss doesn't let a column go.
  bool saves_hidden(const plan::Loss& loss, std::size_t index, const Path& relation, const std::string& part) const {
    if (loss.hidden.empty()) return loss.hazard != "lossy-type";
    const bool whole = part == "*";
    const auto renamed = renamed_in_.find(whole ? relation : with(relation, part));
    if (renamed != renamed_in_.end() && renamed->second >= index) return false;
    return loss.hidden == (whole ? support::qualified(relation) : part);
  }

  const plan::Plan& plan_;
  const catalog::Catalog& live_;
  const std::vector<std::pair<postgres::Address, catalog::Object>>& transitional_;
  const std::set<std::string>& done_;
  std::size_t index_ = 0;
  PlanNames names_;
  std::map<Path, Path> given_;              // columns that the step adds or gives a name, with the one before
  std::map<Path, std::size_t> renamed_in_;  // columns by their present names: the step
  std::map<Path, std::vector<Path>> had_;   // columns by their present names: those before, in the plan
  std::set<Path> added_;                    // columns that the plan adds
  std::set<Path> passed_on_;                // names that columns which the plan adds have had
  std::set<Path> succeeded_;                // columns whose values are all in a column that the plan adds
  SuccessionGuard successions_;
  PlanTypes types_;
  CopyGuard copies_;
};

}  // namespace

void require_care(const plan::Plan& plan, const postgres::Snapshot& live, const std::set<std::string>& done) {
  Guard(plan, live, done).run();
}

}  // namespace lockstep::fleet
