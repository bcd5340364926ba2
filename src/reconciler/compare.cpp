// The whole of `plan`: compares live with desired, through the elaborator if texts differ, with renames first, and proves the
// plan.
#include <fmt/format.h>

#include <algorithm>

#include "catalog/keys.h"
#include "elaborator/builder.h"
#include "elaborator/column_probe.h"
#include "elaborator/copy_owners.h"
#include "elaborator/desired.h"
#include "elaborator/invalid_indexes.h"
#include "elaborator/options.h"
#include "elaborator/privileged.h"
#include "elaborator/row_probe.h"
#include "elaborator/scratch_copy.h"
#include "elaborator/unenforced_keys.h"
#include "elaborator/unproved.h"
#include "executor/applied.h"
#include "kinds/registry.h"
#include "recipes/identity.h"
#include "recipes/row_probe.h"
#include "recipes/transitional.h"
#include "reconciler/bodies.h"
#include "reconciler/closure.h"
#include "reconciler/comparer.h"
#include "reconciler/comparison.h"
#include "reconciler/foreign_code.h"
#include "reconciler/intents.h"
#include "reconciler/leftovers.h"
#include "reconciler/proof.h"
#include "reconciler/protect.h"
#include "reconciler/read_set.h"
#include "reconciler/renames.h"
#include "reconciler/seen_locks.h"
#include "reconciler/state.h"

namespace lockstep::reconciler {

using catalog::Catalog;
using catalog::Change;
using catalog::ObjectId;
using planner::Rename;
using support::CommandError;
using support::ExitCode;

namespace {

// The locale of money affects no other stored value.
bool speaks_of_money(const Catalog& catalog) {
  return std::any_of(catalog.objects().begin(), catalog.objects().end(), [](const catalog::Object& object) {
    const auto* type = std::get_if<std::string>(&object.value(keys::kType.name));
    return type != nullptr && type->starts_with("money");
  });
}

class Comparing {
 public:
  Comparing(postgres::Session& target, const parser::Declared& declared, const elaborator::Options& options, Comparison& out,
            const Tidying& tidying)
      : target_(target),
        declared_(declared),
        options_(options),
        out_(out),
        comparer_(out.desired.scope, out.desired.catalog),
        intents_(declared.intents) {
    for (const auto& step : tidying.steps) {
      for (const auto& helper : step.helpers) recipes::fill_as_defaulted(helper, out.desired.catalog, intents_);
    }
  }

  void run(support::Diagnostics& diagnostics) {
    renames_ = declared_renames(declared_, out_.live.catalog, out_.desired, diagnostics);
    if (diagnostics.has_errors()) return;
    std::vector<Change> changes = comparer_.changes(out_.live.catalog);
    if (changes.empty() && renames_.empty()) return settle();
    if (!renames_.empty() || !on_the_closure(changes)) on_the_whole();
    settle();
  }

 private:
  // Tries it on the closure, because most plans change a small part of a large schema. False: the closure is not enough, and
  // nothing of the attempt is kept.
  bool on_the_closure(const std::vector<Change>& changes) {
    closure_ = closure_of(out_.live.catalog, out_.desired.whole(), ids_of(changes));
    copy_ = elaborator::make_copy(closure_->catalog, out_.desired.catalog, out_.live, options_);
    comparer_.elaborated(&copy_.catalog, nullptr);
    const auto left = difference();
    if (left.empty()) return true;
    bool enough = copy_.lacking.empty() && equal_renames(left, from(), out_.desired.catalog, comparer_).empty();
    if (enough) {
      plan(left);
      enough = covers(*closure_, out_.live.catalog, out_.plan);
    }
    try {
      if (enough && options_.prove && !out_.plan.empty()) prove();
    } catch (const support::RefusedError&) {
      throw;
    } catch (const CommandError&) {
      enough = false;  // perhaps because the rest is missing: the whole copy decides
    }
    if (enough) return true;
    out_.plan = {};
    copy_ = {};
    again_ = {};
    closure_.reset();
    comparer_.elaborated(nullptr, nullptr);
    return false;
  }

  void on_the_whole() {
    copy_ = elaborator::make_copy(out_.live.catalog, out_.desired.catalog, out_.live, options_);
    comparer_.elaborated(&copy_.catalog, nullptr);
    rename();
    auto changes = difference();
    const auto equal = equal_renames(changes, from(), out_.desired.catalog, comparer_);
    if (!equal.empty()) {
      renames_.insert(renames_.end(), equal.begin(), equal.end());
      do_renames(equal);
      changes = comparer_.changes(from());
    }
    if (changes.empty() && renames_.empty()) return;
    plan(changes);
    if (options_.prove && !out_.plan.empty()) prove();
  }

  // The catalog that the plan starts from: live, or the copy after the renames if there are any.
  const Catalog& from() const { return renames_.empty() ? out_.live.catalog : copy_.catalog; }

  void rename() {
    for (const Rename& item : renames_) {
      const auto intent = intents_.find(item.to);
      if (intent != intents_.end()) intent->second.renamed_in_this_plan = true;
    }
    do_renames(renames_);
  }

  // Renames on the copy. `renames` are the last ones of renames_.
  void do_renames(const std::vector<Rename>& renames) {
    if (renames.empty()) return;
    std::vector<std::pair<ObjectId, std::string>> untried = copy_.lacking;
    for (const Rename& item : renames) {
      if (const auto found = copy_.stood_in.find(item.from); found != copy_.stood_in.end()) untried.push_back(*found);
    }
    if (!untried.empty()) {
      const auto& [id, reason] = untried.front();
      throw CommandError(ExitCode::failed, "the plan renames " + catalog::to_string(renames.front().from) +
                                               ", and the live schema can't be copied to try it:\n  " + catalog::to_string(id) +
                                               ": " + reason + "\nNothing was changed. Rename it by hand, then plan again.");
    }
    const auto unknown = [](const ObjectId&) { return false; };
    const std::map<ObjectId, kinds::TableFacts> no_facts;
    const std::map<ObjectId, recipes::ColumnProbe> no_probes;
    const kinds::Context context{.from = copy_.catalog,
                                 .to = out_.desired.catalog,
                                 .intents = intents_,
                                 .facts = no_facts,
                                 .server_version = out_.live.target.server_version,
                                 .is_new = unknown,
                                 .online = unknown,
                                 .probes = no_probes};
    for (const Rename& item : renames) {
      for (const auto& step : planner::rename_steps(item, context)) {
        const bool super = elaborator::needs_superuser(*copy_.scratch, step);
        postgres::Session& session = super ? copy_.scratch->superuser() : copy_.scratch->session();
        SeenLocks locks;
        postgres::Transaction transaction(session);
        for (const auto& statement : step.sql) {
          const support::DeclaredSql declared(statement);
          super ? elaborator::say_privileged(*copy_.scratch, declared) : void(session.declared_single(declared));
        }
        rename_locks_.emplace_back();
        for (const SeenLock& lock : locks.of_transaction(session, super ? copy_.scratch->session() : copy_.scratch->superuser()))
          if (!lock.implied) rename_locks_.back().push_back({lock.relation, lock.mode});
        transaction.commit();
      }
    }
    copy_.catalog = elaborator::read_copy(copy_);
    copy_.catalog = elaborator::with_owners(std::move(copy_.catalog), out_.live.catalog, renames_, copy_.scratch->gives_owners());
    facts_.clear();
    for (const auto& object : copy_.catalog.objects()) {
      const auto found = out_.live.facts.find(planner::name_before(object.id, renames_));
      if (found != out_.live.facts.end()) facts_[object.id] = found->second;
    }
  }

  std::vector<Change> difference() {
    std::vector<Change> changes = comparer_.changes(from());
    if (Comparer::any_expression(changes)) {
      read_desired_again(changes);
      changes = comparer_.changes(from());
    }
    return changes;
  }

  // `changes`: what has to be read.
  void read_desired_again(const std::vector<Change>& changes) {
    if (again_.scratch != nullptr) return;
    const Catalog& whole = out_.desired.whole();
    std::set<ObjectId> read = closure_ ? closure_->entire : std::set<ObjectId>();
    if (closure_) read.merge(ids_of(changes));
    again_ = elaborator::make_copy(closure_ ? self_contained(whole, read) : whole, out_.desired.catalog, out_.live, options_);
    comparer_.elaborated(&copy_.catalog, &again_.catalog);
  }

  void plan(const std::vector<Change>& changes) {
    refuse_unmanaged(changes);
    const auto probes = elaborator::probe_columns(*copy_.scratch, changes, from(), out_.desired.catalog);
    const auto time_zones = elaborator::time_zones_of(target_, out_.live.text_settings);
    const auto row_probes = elaborator::probe_rows(*copy_.scratch, changes, from(), out_.desired.catalog);
    const auto& facts = renames_.empty() ? out_.live.facts : facts_;
    catalog::Intents intents = intents_;
    elaborated_ = elaborate_intents(copy_, intents, changes, from(), out_.desired.catalog);
    out_.plan = planner::make_plan({.from = from(),
                                    .to = out_.desired.catalog,
                                    .changes = changes,
                                    .renames = renames_,
                                    .intents = intents,
                                    .facts = facts,
                                    .probes = probes,
                                    .row_probes = &row_probes,
                                    .time_zones = &time_zones,
                                    .places = out_.desired.places,
                                    .server_version = out_.live.target.server_version,
                                    .default_privileges = &out_.live.default_privileges,
                                    .manages_every_grant = declared_.scope.everything,
                                    .elaborating = false,
                                    .intents_need_path = &elaborated_.need_path});
    fill_read_set(out_.plan, out_.live, renames_);
    name_broken_bodies(out_.plan, out_.live.catalog, from(), out_.desired.catalog, changes, renames_);
    note_lost(changes);
    refuse_protected(declared_, out_.plan);
  }

  // Notes objects that no kind covers and that are lost with something the plan drops. Not for parts of an object that is
  // dropped whole (a table).
  void note_lost(const std::vector<Change>& changes) {
    for (const auto& unmanaged : out_.live.unmanaged) {
      for (const ObjectId& with : unmanaged.goes_with) {
        const auto root = out_.live.catalog.at(out_.live.catalog.root(*out_.live.catalog.index_of(with))).id;
        const auto parent = out_.live.catalog.find(with)->parent;
        const bool goes = std::any_of(changes.begin(), changes.end(), [&](const Change& change) {
          return planner::name_before(change.id, renames_) == with && recipes::loses_identity(change);
        });
        const bool whole = std::any_of(changes.begin(), changes.end(), [&](const Change& change) {
          return change.what == Change::What::removed && (change.id == root || (parent && change.id == *parent));
        });
        if (goes && !whole)
          out_.plan.notes.push_back(unmanaged.description + " is lost: it is not managed, and nothing recreates it");
      }
    }
  }

  // PostgreSQL would refuse the drop (Lockstep never uses CASCADE), or silently drop the other object too.
  void refuse_unmanaged(const std::vector<Change>& changes) const {
    for (const auto& unmanaged : out_.live.unmanaged) {
      for (const auto& needed : unmanaged.needs) {
        const bool goes = std::any_of(changes.begin(), changes.end(), [&](const Change& change) {
          return change.what == Change::What::removed && planner::name_before(change.id, renames_) == needed;
        });
        if (goes) {
          throw support::RefusedError(
              unmanaged.description + " depends on " + catalog::to_string(needed) +
              ", which the plan would drop, and Lockstep can't manage the former.\nNothing was changed. Drop it by hand first.");
        }
      }
    }
  }

  void prove() {
    elaborator::UnprovedObjects unproved;
    unproved.add(out_.live.catalog, copy_.lacking);
    for (const auto& [id, reason] : out_.desired.untried) unproved.add(out_.desired.whole(), id, reason);
    for (const auto& [id, reason] : copy_.stood_in) unproved.add(out_.live.catalog, id, reason, true);
    for (const auto& [id, reason] : out_.desired.stood_in) unproved.add(out_.desired.whole(), id, reason, true);
    // The renames were already made on the copy, so the rest of the plan runs on it.
    plan::Plan rest = out_.plan;
    const auto renames = static_cast<std::ptrdiff_t>(rename_locks_.size());
    for (std::size_t i = 0; i < rename_locks_.size(); ++i) out_.plan.steps.at(i).locks = rename_locks_[i];
    rest.steps.erase(rest.steps.begin(), rest.steps.begin() + renames);
    const auto& facts = renames_.empty() ? out_.live.facts : facts_;
    run_on_copy(copy_, rest, out_.desired.catalog, facts, unproved);
    std::move(rest.steps.begin(), rest.steps.end(), out_.plan.steps.begin() + renames);
    // After renames the copy's names differ from the database's, so only each step's own expectations can be used.
    if (renames == 0) out_.plan.before = std::move(rest.before);
    Catalog outcome = elaborator::read_copy(copy_);
    if (closure_) outcome = with_closure(out_.live.catalog, *closure_, outcome);
    const Catalog before = copy_.catalog;
    std::vector<Change> left = comparer_.changes(outcome);
    if (Comparer::any_expression(left)) {
      read_desired_again(left);
      comparer_.elaborated(&before, &again_.catalog);
      left = comparer_.changes(outcome);
    }
    const bool gives_owners = copy_.scratch->gives_owners();
    for (Change& change : left) {  // see prove.cpp: such an owner can't be set on scratch
      if (gives_owners && kinds::of(change.id).made_by != kinds::Maker::superuser) continue;
      std::erase_if(change.attributes, [](const auto& item) { return item.attribute == kinds::kOwner.name; });
    }
    std::erase_if(left, [&](const Change& change) {
      if (change.what == Change::What::set && change.attributes.empty()) return true;
      return unproved.excuse(change.what == Change::What::added ? out_.desired.catalog : outcome, change.id);
    });
    refuse_protected(declared_, out_.plan);  // after the proof, because rewrites are known only then
    if (!left.empty()) {
      std::string text = "the plan can't be proved: run on a scratch copy of the database, it leaves\n";
      for (const auto& line : describe(left)) text += "  " + line + "\n";
      throw CommandError(ExitCode::failed, text + "Nothing was changed on the target.");
    }
    out_.plan.unproved = unproved.unproved();
    for (const auto& difference : copy_.differences) {
      if (!difference.starts_with("lc_") || speaks_of_money(out_.desired.catalog))
        out_.plan.unproved.push_back({"database", difference});
    }
    out_.plan.proved = out_.plan.unproved.empty();
  }

  void settle() {
    if (out_.plan.empty()) {
      out_.plan.proved = true;
    } else {  // after the proof, because it is known then which steps rewrite or scan what
      out_.plan.foreign_code = foreign_code(out_.plan, elaborated_, postgres::read_evaluated(target_), out_.live.catalog,
                                            out_.desired.catalog, out_.desired.whole(), renames_);
    }
    out_.plan.target = out_.live.target;
    out_.plan.tool_version = options_.tool_version;
    out_.plan.desired_fingerprint = out_.desired.catalog.fingerprint();
    for (const auto& unmanaged : out_.live.unmanaged) out_.unmanaged.push_back(unmanaged.description);
  }

  postgres::Session& target_;
  const parser::Declared& declared_;
  const elaborator::Options& options_;
  Comparison& out_;
  Comparer comparer_;
  catalog::Intents intents_;
  Elaborated elaborated_;
  std::vector<Rename> renames_;
  std::optional<Closure> closure_;  // of which copy_ consists; absent: of everything
  elaborator::Copy copy_, again_;
  std::map<ObjectId, kinds::TableFacts> facts_;
  std::vector<std::vector<plan::RelationLock>> rename_locks_;  // of the plan's first steps, which were already made on the copy
};

}  // namespace

Comparison compare(postgres::Session& target, const parser::Declared& declared, const elaborator::Options& options,
                   support::Diagnostics& diagnostics) {
  Comparison comparison;
  comparison.live = postgres::introspect(target);
  comparison.desired = elaborate(declared, &comparison.live, options, diagnostics);
  if (diagnostics.has_errors()) return comparison;
  const Tidying tidying = tidy(target, comparison.live, &comparison.desired.catalog);
  if (!tidying.steps.empty()) comparison.live = introspect_tidied(target, tidying.steps, {});
  Comparing(target, declared, options, comparison, tidying).run(diagnostics);
  take_in(comparison.plan, tidying);
  // The database had leftovers that the copy didn't have, so only each step's own expectations can be used.
  if (!tidying.steps.empty()) comparison.plan.before.clear();
  if (comparison.plan.empty()) return comparison;
  std::optional<State> before;
  if (const auto applied = executor::applied_state(target)) before = read_state(applied->objects, applied->scope);
  comparison.plan.record = record_text(comparison.desired, before);
  return comparison;
}

std::vector<std::string> verify(postgres::Session& target, const elaborator::Desired& desired,
                                const elaborator::Options& options) {
  const postgres::Snapshot live = postgres::introspect(target, {.facts = false, .unmanaged = false});
  Comparer comparer(desired.scope, desired.catalog);
  auto left = comparer.changes(live.catalog);
  if (!Comparer::any_expression(left)) return describe(left);
  const auto read = ids_of(left);
  const elaborator::Copy live_again = elaborator::make_copy(self_contained(live.catalog, read), desired.catalog, live, options);
  const elaborator::Copy desired_again =
      elaborator::make_copy(self_contained(desired.whole(), read), desired.catalog, live, options);
  comparer.elaborated(&live_again.catalog, &desired_again.catalog);
  return describe(comparer.changes(live.catalog));
}

}  // namespace lockstep::reconciler
