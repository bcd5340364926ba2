// Proves a plan: every step runs on a copy of the live schema, its locks, rewrites, scans and index builds are recorded, and
// the resulting catalog must be the desired one.
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <optional>
#include <set>
#include <utility>

#include "elaborator/builder.h"
#include "elaborator/privileged.h"
#include "elaborator/scratch_copy.h"
#include "elaborator/unproved.h"
#include "executor/relation_shape.h"
#include "kinds/registry.h"
#include "parser/sql_parse.h"
#include "reconciler/comparer.h"
#include "reconciler/comparison.h"
#include "reconciler/proof.h"
#include "reconciler/seen_locks.h"
#include "reconciler/size_limits.h"
#include "reconciler/step_failure.h"
#include "session/quiet.h"
#include "support/lines.h"
#include "support/sql_text.h"
#include "support/visible.h"

namespace lockstep::reconciler {

using catalog::Change;
using plan::LockMode;
using plan::Step;
using support::CommandError;
using support::DeclaredSql;
using support::ExitCode;

namespace {

using executor::Shapes;
using Lines = Shapes::mapped_type;

class Prover {
 public:
  Prover(postgres::Scratch& copy, const catalog::Catalog& desired, const std::map<catalog::ObjectId, kinds::TableFacts>& facts,
         const std::set<std::string>& offline)
      : copy_(copy), privileged_(desired), shapes_(copy.superuser()), limits_(copy.superuser(), facts, offline) {
    for (const auto& [id, fact] : facts) bytes_[support::qualified(id.path)] = fact.bytes;
    own_ = postgres::own_text_settings(copy.session());
    const auto rows = copy.superuser().execute("SELECT c.oid FROM pg_catalog.pg_class c WHERE c.oid >= 16384");
    for (std::size_t i = 0; i < rows.size(); ++i) before_.insert(rows.text(i, 0));
    const postgres::Quiet quiet(copy.superuser());
    copy.superuser().execute("CREATE SCHEMA IF NOT EXISTS lockstep; GRANT ALL ON SCHEMA lockstep TO PUBLIC");
    for (postgres::Session* session : {&copy.session(), &copy.superuser()}) session->execute("SET client_min_messages = debug1");
  }
  ~Prover() {
    try {
      for (postgres::Session* session : {&copy_.session(), &copy_.superuser()}) session->execute("RESET client_min_messages");
    } catch (const std::exception&) {
      // The copy is discarded anyway; the first error is the one to report.
    }
  }
  Prover(const Prover&) = delete;
  Prover& operator=(const Prover&) = delete;

  void run(Step& step) {
    locks_.next_step(std::exchange(renamed_unseen_, false));
    limits_.next_step();
    const LockMode promised = step.lock;
    const bool works = step.rewrites || step.scans || step.builds;
    const auto before = found_before(step);
    const bool super = elaborator::needs_superuser(copy_, step);
    switch (step.mode) {
      case plan::TransactionMode::batches:
        group(step,
              {fmt::format("UPDATE {} SET {} WHERE {}", support::qualified(step.batches.schema, step.batches.table),
                           step.batches.assignment, step.batches.pending)},
              false);
        break;
      case plan::TransactionMode::outside:
        copy_.session().execute(postgres::set_text_settings(postgres::text_settings_of(step, own_), false));
        copy_.session().declared(DeclaredSql(step.sql.front(), step.search_path));
        copy_.session().execute(postgres::set_text_settings(postgres::pinned_text_settings(), false));
        copy_.session().take_notices();
        break;
      case plan::TransactionMode::inside:
        inside(step, super);
        if (super) elaborator::lend_wrappers(copy_);
    }
    forget(step);
    compare(step, promised);
    limits_.set(step, works);
    expect(step, before);
  }

  // The shapes of all relations that a step may expect.
  Shapes found_first(const plan::Plan& plan) {
    std::set<std::string> relations;
    for (const Step& step : plan.steps) relations.merge(touched(step));
    Shapes shapes = found(relations);  // one query
    wanted_later_ = std::move(relations);
    for (const Step& step : plan.steps)
      if (step.mode == plan::TransactionMode::batches) shapes.merge(found_before(step));
    return shapes;
  }

 private:
  // The relations that a step uses, as far as they can be expected to stay as they are.
  static std::set<std::string> touched(const Step& step) {
    std::set<std::string> relations;
    if (step.mode == plan::TransactionMode::batches)
      relations.insert(support::qualified(step.batches.schema, step.batches.table));
    if (step.mode == plan::TransactionMode::inside) {
      for (const auto* ids : {&step.produces, &step.destroys, &step.consumes}) {
        for (const auto& id : *ids) {
          if (kinds::schema_of(id).empty() || kinds::of(id).is_satellite() || id.path.size() < 2) continue;
          relations.insert(support::qualified(id.path[0], id.path[1]));
        }
      }
    }
    return relations;
  }

  // Their shapes before the step, with those of what inherits from a relation whose rows it updates.
  Shapes found_before(const Step& step) {
    Shapes shapes = found(touched(step));
    if (step.mode != plan::TransactionMode::batches) return shapes;
    std::set<std::string> level;
    for (const auto& [relation, lines] : shapes) add_children(lines, level);
    while (!level.empty()) {  // a query for each level of the tree
      std::set<std::string> next;
      for (auto& [relation, lines] : found(level)) {
        add_children(lines, next);
        shapes.try_emplace(relation, std::move(lines));
      }
      std::erase_if(next, [&](const std::string& relation) { return shapes.contains(relation); });
      level = std::move(next);
    }
    return shapes;
  }

  static void add_children(const Lines& lines, std::set<std::string>& children) {
    constexpr std::string_view kChild = "child ";
    for (const std::string& line : lines)
      if (line.starts_with(kChild)) children.insert(line.substr(kChild.size()));
  }

  // Reads those that are not known from before; and, as long as steps change nothing else, those that later steps want.
  Shapes found(const std::set<std::string>& relations) {
    std::vector<std::string> unknown;
    for (const std::string& relation : relations)
      if (!known_.contains(relation)) unknown.push_back(relation);
    if (!unknown.empty() && !std::exchange(all_forgotten_, false)) {
      for (const std::string& relation : wanted_later_)
        if (!known_.contains(relation) && !relations.contains(relation)) unknown.push_back(relation);
    }
    Shapes read = shapes_.of(unknown);
    for (const std::string& relation : unknown) known_[relation] = read.contains(relation) ? read[relation] : Lines{};
    Shapes shapes;
    for (const std::string& relation : relations)
      if (const Lines& lines = known_[relation]; !lines.empty()) shapes[relation] = lines;
    return shapes;
  }

  // A step changes the shapes of the tables that it locks. What has a name that shapes contain, such as a view, a type or a table
  // that comes or goes, says something in the shapes of relations that nobody locks.
  void forget(const Step& step) {
    const bool unseen = locked_.empty() || step.mode == plan::TransactionMode::outside;
    bool all = step.renames || !only_tables_ || unseen;
    renamed_unseen_ = step.renames || unseen;
    for (const auto* ids : {&step.produces, &step.destroys}) {
      for (const auto& id : *ids) {
        all = all || id.path.size() <= 2;
        renamed_unseen_ = renamed_unseen_ || id.path.size() == 1;
      }
    }
    if (all) known_.clear();
    all_forgotten_ = all_forgotten_ || all;
    for (const std::string& relation : locked_) known_.erase(relation);
    locked_.clear();
    only_tables_ = true;
  }

  // Only for relations whose changes the step's lock prevents; others may change while it runs.
  static void expect(Step& step, const Shapes& before) {
    if (step.phase == plan::Phase::purge) return;  // others may change the relation until then; it removes only what is hidden
    for (const auto& [relation, shape] : before) {
      if (step.mode == plan::TransactionMode::batches) {
        step.expects.push_back({relation, LockMode::none, shape});
        continue;
      }
      const auto lock =
          std::find_if(step.locks.begin(), step.locks.end(), [&](const auto& item) { return item.relation == relation; });
      if (lock == step.locks.end() || lock->mode < LockMode::share_update_exclusive) continue;
      // LOCK TABLE refuses other relations
      const bool table = std::find(shape.begin(), shape.end(), executor::kIsTable) != shape.end();
      step.expects.push_back({relation, table ? lock->mode : LockMode::none, shape});
    }
  }

  // The superuser's session sets owners, so a step may need several transactions here; on the target it is one.
  void inside(Step& step, bool super) {
    std::vector<std::string> statements;
    bool with_super = super;
    for (const auto& statement : step.sql) {
      if (!copy_.gives_owners() && privileged_.gives_owner(statement)) continue;  // the step's promise covers its lock
      const bool needs_super = (super || privileged_.contains(statement) || elaborator::revokes(statement)) &&
                               elaborator::takes_a_superuser(statement);
      if (needs_super != with_super && !statements.empty()) {
        group(step, statements, with_super);
        statements.clear();
      }
      with_super = needs_super;
      statements.push_back(statement);
    }
    if (!statements.empty()) group(step, statements, with_super);
  }

  void group(Step& step, const std::vector<std::string>& statements, bool super) {
    postgres::Session& session = super ? copy_.superuser() : copy_.session();
    postgres::Session& other = super ? copy_.session() : copy_.superuser();
    const auto quiet = super ? elaborator::quiet_for(session, statements) : nullptr;
    session.take_notices();
    const auto begin = support::Sql("BEGIN; ") + postgres::set_text_settings(others_than_pinned(step), true);
    if (const auto locks = super ? std::nullopt : in_one_trip(session, begin, statements, step)) {
      postgres::Transaction transaction(session, postgres::Transaction::Begun());
      observe(session, see_locks(*locks, other));
      transaction.commit();
      return;
    }
    postgres::Transaction transaction(session, begin);
    for (const auto& statement : statements) execute(session, statement, step);
    observe(session, see_locks(session.execute(SeenLocks::question()), other));
    transaction.commit();
  }

  postgres::TextSettings others_than_pinned(const Step& step) const {
    postgres::TextSettings settings = postgres::text_settings_of(step, own_);
    for (const auto& pinned : postgres::pinned_text_settings()) {
      const auto found = settings.find(pinned.first);
      if (found != settings.end() && *found == pinned) settings.erase(found);
    }
    return settings;
  }

  // Begins the transaction, runs the statements and asks for locks. nullopt: nothing was done, and one after the other says why.
  std::optional<postgres::Result> in_one_trip(postgres::Session& session, const support::Sql& begin,
                                              const std::vector<std::string>& statements, const Step& step) const {
    if (!step.produces.empty() && kinds::of(step.produces.front()).made_by == kinds::Maker::superuser) return std::nullopt;
    std::vector<DeclaredSql> texts;
    for (const auto& statement : statements) {
      if (!parser::surely_single(statement)) return std::nullopt;
      texts.push_back(text_of(statement, step));
    }
    try {
      return session.declared_between(begin, texts, SeenLocks::question());
    } catch (const support::DatabaseError& error) {
      if (error.facts().connection_lost) throw;
      session.execute("ROLLBACK");
      session.take_notices();
      return std::nullopt;
    }
  }

  void observe(postgres::Session& session, const std::set<std::string>& large) {
    for (const auto& notice : session.take_notices()) {
      limits_.notice(notice.message);
      // `rewriting table "t"`, `building index "i" on table "t" serially`: costs nothing on new tables and TOAST tables.
      const std::size_t at = notice.message.rfind("table \"");
      if (at == std::string::npos) continue;
      const std::size_t begin = at + 7;
      if (!large.contains(notice.message.substr(begin, notice.message.find('"', begin) - begin))) continue;
      rewrites_ = rewrites_ || notice.message.starts_with("rewriting table");
      scans_ = scans_ || notice.message.starts_with("verifying table");
      builds_ = builds_ || notice.message.starts_with("building index");
    }
  }

  // Returns the names of locked tables that existed before the plan and have rows.
  std::set<std::string> see_locks(const postgres::Result& locks, postgres::Session& other) {
    std::set<std::string> large;
    for (const SeenLock& lock : locks_.of_transaction(locks, other)) {
      locked_.insert(lock.relation);
      only_tables_ = only_tables_ && lock.of_table;
      if (!before_.contains(lock.oid)) continue;
      limits_.locked(lock);
      if (lock.mode >= LockMode::share_update_exclusive && bytes_of(lock.relation) > 0) large.insert(lock.name);
      if (!lock.implied) plan::add_lock(seen_, {lock.relation, lock.mode});
    }
    return large;
  }

  DeclaredSql text_of(const std::string& statement, const Step& step) const {
    return DeclaredSql(privileged_.gives_owner(statement) ? privileged_.on(copy_, statement) : statement, step.search_path);
  }

  // Some kinds of object may only belong to a superuser, and on the scratch server only Lockstep's own role is one.
  void execute(postgres::Session& session, const std::string& statement, const Step& step) const {
    const bool may_refuse = privileged_.contains(statement) && !step.produces.empty() &&
                            kinds::of(step.produces.front()).made_by == kinds::Maker::superuser;
    const DeclaredSql text = text_of(statement, step);
    const auto run = [&] {
      return &session == &copy_.superuser() ? elaborator::say_privileged(copy_, text) : void(session.declared_single(text));
    };
    if (!may_refuse) {
      run();
      return;
    }
    session.execute("SAVEPOINT owner");
    try {
      run();
    } catch (const support::DatabaseError& error) {
      if (error.sqlstate() != "42501") throw;
      session.execute("ROLLBACK TO owner");
    }
  }

  std::int64_t bytes_of(const std::string& relation) const {
    const auto found = bytes_.find(relation);
    return found == bytes_.end() ? 0 : found->second;
  }

  // For the tests, which refuse such a step (LOCKSTEP_STRICT_LOCKS). To a user the plan shows what was seen. Everything that
  // reads a relation takes ACCESS SHARE, which only keeps ACCESS EXCLUSIVE out; it needn't be declared.
  void require_declared(const Step& step) const {
    static const bool kStrict = std::getenv("LOCKSTEP_STRICT_LOCKS") != nullptr;
    if (!kStrict) return;
    for (const plan::RelationLock& lock : seen_) {
      if (lock.mode <= LockMode::access_share) continue;
      const auto declared =
          std::find_if(step.locks.begin(), step.locks.end(), [&](const auto& other) { return other.relation == lock.relation; });
      const LockMode allowed = declared == step.locks.end() ? LockMode::none : declared->mode;
      if (lock.mode <= allowed) continue;
      throw CommandError(
          ExitCode::failed,
          fmt::format(
              "step {} ({}) was seen to lock {} in mode {}, though it declares {}: refused. This is a fault of Lockstep.\n"
              "Nothing was changed on the target.",
              step.id, support::visible(step.title), support::visible(lock.relation), plan::to_string(lock.mode),
              plan::to_string(allowed)));
    }
  }

  // What was declared and not seen is left out. A recipe that scans or rewrites a table under a stronger
  // lock than it promised, is refused here, before it reaches production. A step outside a transaction has released its locks
  // before they can be observed, so what it declares is kept.
  void compare(Step& step, LockMode promised) {
    require_declared(step);
    const bool only_saves = step.mode == plan::TransactionMode::inside && step.sql.empty();  // the copy has nothing to save
    if (step.mode != plan::TransactionMode::outside && !only_saves) step.locks = std::move(seen_);
    seen_.clear();
    LockMode strongest = LockMode::none;
    for (const auto& lock : step.locks) strongest = std::max(strongest, lock.mode);
    const bool works = rewrites_ || scans_;
    if (works && promised < LockMode::share && strongest > LockMode::share_update_exclusive) {
      throw CommandError(ExitCode::failed,
                         fmt::format("step {} ({}) was seen to read or copy a table under {}, though it promises {}: refused.\n"
                                     "Nothing was changed on the target.",
                                     step.id, step.title, plan::to_string(strongest), plan::to_string(promised)));
    }
    step.lock = step.mode == plan::TransactionMode::outside ? std::max(promised, strongest) : strongest;
    step.rewrites = step.rewrites || rewrites_;
    step.scans = step.scans || scans_;
    step.builds = step.builds || builds_;
    if (rewrites_ || scans_ || builds_) {
      for (const auto& lock : step.locks) step.bytes = std::max(step.bytes, bytes_of(lock.relation));
    }
    rewrites_ = scans_ = builds_ = false;
  }

  postgres::Scratch& copy_;
  std::map<std::string, std::int64_t> bytes_;  // of live tables, by qualified name
  elaborator::PrivilegedStatements privileged_;
  postgres::TextSettings own_;
  std::set<std::string> before_;
  SeenLocks locks_;
  executor::RepeatedShapes shapes_;
  SizeLimits limits_;
  Shapes known_;                          // none: the relation isn't there
  std::set<std::string> wanted_later_;    // by all steps
  bool all_forgotten_ = false;            // since it was last read
  std::set<std::string> locked_;          // by this step
  bool only_tables_ = true;               // what it locked
  bool renamed_unseen_ = false;           // the last step may have renamed relations that it didn't lock
  std::vector<plan::RelationLock> seen_;  // by this step
  bool rewrites_ = false, scans_ = false, builds_ = false;
};

std::string described(const Change& change) {
  std::string text = catalog::to_string(change.id);
  if (change.what == Change::What::added) return text + " is missing";
  if (change.what == Change::What::removed) return text + " is still there";
  for (const auto& item : change.attributes) {
    text += fmt::format("; {} is {}, wanted {}", item.attribute, catalog::to_string(item.from), catalog::to_string(item.to));
  }
  return text;
}

}  // namespace

std::vector<std::string> describe(const std::vector<Change>& changes) {
  std::vector<std::string> lines;
  for (const Change& change : changes) lines.push_back(described(change));
  return lines;
}

void run_on_copy(elaborator::Copy& copy, plan::Plan& plan, const catalog::Catalog& desired,
                 const std::map<catalog::ObjectId, kinds::TableFacts>& facts, elaborator::UnprovedObjects& unproved,
                 const std::set<std::string>& offline) {
  Prover prover(*copy.scratch, desired, facts, offline);
  const auto first = prover.found_first(plan);
  for (Step& step : plan.steps) {
    const auto reason = unproved.about(step);
    if (reason && !reason->stood_in) {
      unproved.leave_out(step, reason->text);
      continue;
    }
    try {
      prover.run(step);
      if (reason) unproved.name(step, reason->text);
      // The observation may include objects that the copy lacks or has as a stub.
      if (reason || unproved.lack_anything()) step.expects.clear();
    } catch (const support::DatabaseError& error) {
      if (error.facts().connection_lost) throw;
      if (reason) {  // the stub may be the only cause
        unproved.leave_out(step, reason->text);
        continue;
      }
      fail(step, error, copy.catalog, desired, plan);
    }
  }
  std::set<std::string> expected;
  for (const Step& step : plan.steps)
    for (const auto& one : step.expects) expected.insert(one.relation);
  for (const std::string& relation : expected) {
    const auto shape = first.find(relation);  // none: a step of the plan creates it
    if (shape != first.end()) plan.before.push_back({relation, LockMode::none, shape->second});
  }
}

}  // namespace lockstep::reconciler
