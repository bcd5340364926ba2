// The whole of `plan`: compares live with desired, through the elaborator if texts differ, and proves the plan. Renames come
// last.
#include <fmt/format.h>

#include <algorithm>

#include "catalog/keys.h"
#include "elaborator/builder.h"
#include "elaborator/column_probe.h"
#include "elaborator/desired.h"
#include "elaborator/invalid_indexes.h"
#include "elaborator/options.h"
#include "elaborator/row_probe.h"
#include "elaborator/scratch_copy.h"
#include "elaborator/succession_probe.h"
#include "elaborator/unenforced_keys.h"
#include "elaborator/unproved.h"
#include "executor/applied.h"
#include "kinds/names/gone_names.h"
#include "kinds/registry.h"
#include "recipes/row_probe.h"
#include "recipes/transitional.h"
#include "reconciler/between.h"
#include "reconciler/bodies.h"
#include "reconciler/closure.h"
#include "reconciler/code_lines.h"
#include "reconciler/comparer.h"
#include "reconciler/comparison.h"
#include "reconciler/copy_ahead.h"
#include "reconciler/cut.h"
#include "reconciler/desired_again.h"
#include "reconciler/estimates.h"
#include "reconciler/foreign_code.h"
#include "reconciler/former_names.h"
#include "reconciler/intents.h"
#include "reconciler/leftovers.h"
#include "reconciler/maps.h"
#include "reconciler/null_fills.h"
#include "reconciler/proof.h"
#include "reconciler/protect.h"
#include "reconciler/read_set.h"
#include "reconciler/renames.h"
#include "reconciler/replaced_bodies.h"
#include "reconciler/seen_locks.h"
#include "reconciler/size_limits.h"
#include "reconciler/state.h"
#include "reconciler/undone_drift.h"
#include "reconciler/unmanaged.h"
#include "reconciler/writers_rights.h"

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
            const Tidying& tidying, const Beside& beside, CopyAhead* ahead = nullptr)
      : target_(target),
        ahead_(ahead),
        beside_(beside),
        declared_(declared),
        options_(options),
        out_(out),
        wanted_(&out.desired),
        comparer_(out.desired.scope, out.desired.catalog),
        intents_(declared.intents),
        again_(out.desired, out.live, options) {
    for (const auto& step : tidying.steps) {
      for (const auto& helper : step.helpers) recipes::fill_as_defaulted(helper, out.desired.catalog, intents_);
    }
  }

  void run(support::Diagnostics& diagnostics) {
    const auto renames = declared_renames(declared_, out_.live.catalog, out_.desired, diagnostics);
    require_known_maps(declared_, out_.live.catalog, renames, diagnostics);
    if (diagnostics.has_errors()) return;
    std::vector<Change> changes = comparer_.changes(out_.live.catalog);
    if (changes.empty() && renames.empty() && beside_.empty()) return settle();
    if (!renames.empty() || !on_the_closure(changes)) on_the_whole(renames);
    settle();
  }

 private:
  // Tries it on the closure, because most plans change a small part of a large schema. False: the closure is not enough, and
  // nothing of the attempt is kept.
  bool on_the_closure(const std::vector<Change>& changes) {
    closure_ = closure_of(out_.live.catalog, out_.desired.whole(), ids_of(changes));
    again_.begin(printed_otherwise(changes));
    if (auto made = ahead_ == nullptr ? std::nullopt : ahead_->take(*closure_, out_.desired.catalog)) {
      closure_ = std::move(made->closure);
      copy_ = std::move(made->copy);
    } else {
      copy_ = elaborator::make_copy(closure_->catalog, out_.desired.catalog, out_.live, options_);
    }
    comparer_.elaborated(&copy_.catalog, nullptr);
    const auto left = difference();
    if (left.empty()) return true;
    bool enough = copy_.lacking.empty() && equal_renames(left, out_.live.catalog, out_.desired.catalog, comparer_).empty();
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
    again_.forget();
    all_again_ = false;
    closure_.reset();
    comparer_.elaborated(nullptr, nullptr);
    return false;
  }

  void on_the_whole(const std::vector<Rename>& declared) {
    copy_ = elaborator::make_copy(out_.live.catalog, out_.desired.catalog, out_.live, options_);
    comparer_.elaborated(&copy_.catalog, nullptr);
    if (!declared.empty()) take_back(declared);
    auto changes = all_differences();
    const auto equal = equal_renames(changes, out_.live.catalog, wanted_->catalog, comparer_);
    if (!equal.empty()) {
      take_back(equal);
      changes = all_differences();
    }
    changes = left_aside(std::move(changes));
    if (changes.empty() && renames_.empty()) return;
    plan(changes);
    if (options_.prove && !out_.plan.empty()) prove();
  }

  // From here on the desired state has the names that the database has: the plan leads there, and renames last.
  void take_back(const std::vector<Rename>& renames) {
    if (!former_) former_.emplace(out_.desired, out_.live, options_);
    former_->take_back(renames);
    renames_ = former_->renames();
    wanted_ = &former_->desired();
    intents_ = former_->intents(declared_.intents);
    comparer_ = Comparer(wanted_->scope, wanted_->catalog);
    comparer_.elaborated(&copy_.catalog, &former_->elaborated());
  }

  std::vector<Change> difference() { return left_aside(all_differences()); }

  // What runs that wait at the gate will do is not for this plan.
  std::vector<Change> left_aside(std::vector<Change> changes) {
    if (beside_.empty()) return changes;
    out_.disagreements = beside_.disagreements(changes, out_.live.catalog, wanted_->catalog, renames_);
    if (!out_.disagreements.empty()) return changes;
    aside_ = true;
    std::erase_if(changes, [&](const Change& change) { return beside_.holds(change.id); });
    std::erase_if(renames_, [&](const Rename& rename) { return beside_.holds(rename); });
    return changes;
  }

  std::vector<Change> all_differences() {
    std::vector<Change> changes = comparer_.changes(out_.live.catalog);
    const auto expressions = former_ ? std::set<ObjectId>() : printed_otherwise(changes);
    if (!expressions.empty() && again_.found() == nullptr) {
      closure_ ? again_.read(expressions) : again_.read(out_.desired.whole());
      comparer_.elaborated(&copy_.catalog, again_.found());
      all_again_ = !closure_;
      changes = comparer_.changes(out_.live.catalog);
    }
    return changes;
  }

  // Those with changed expressions that may print otherwise the second time. What was declared as PostgreSQL prints it prints the
  // same again.
  std::set<ObjectId> printed_otherwise(const std::vector<Change>& changes) const {
    std::set<ObjectId> ids = Comparer::with_expressions(changes);
    std::erase_if(ids, [&](const ObjectId& id) {
      const catalog::Object *said = declared_.catalog.find(id), *read = out_.desired.whole().find(id);
      if (said == nullptr || read == nullptr) return false;
      const auto& attributes = kinds::of(id).attributes;
      return std::all_of(attributes.begin(), attributes.end(), [&](const auto& attribute) {
        return !attribute.expression || said->value(attribute.name) == read->value(attribute.name);
      });
    });
    return ids;
  }

  // What the closure consists of, and the changes that the proof has left.
  void read_all_again(const std::vector<Change>& left) {
    std::set<ObjectId> read = closure_ ? closure_->entire : std::set<ObjectId>();
    if (closure_) read.merge(ids_of(left));
    again_.read(closure_ ? self_contained(out_.desired.whole(), read) : out_.desired.whole());
    comparer_.elaborated(&copy_.catalog, again_.found());
    all_again_ = true;
  }

  void plan(const std::vector<Change>& all) {
    refuse_unmanaged(out_.live, all);
    const auto [changes, bodies] = renames_.empty() ? Parts{all, {}} : without_bodies(all);
    catalog::Intents intents = intents_;
    elaborated_ = elaborate_intents(copy_, intents, changes, out_.live.catalog, wanted_->catalog,
                                    former_ ? former_->statements() : Renaming());
    if (former_) former_->elaborate_ways_back(intents, changes, out_.live.catalog, copy_);
    add_mapped(intents, changes, out_.live.catalog, wanted_->catalog, target_, counted_rows_);
    const Catalog before_bodies = bodies.empty() ? Catalog() : with_values_before(wanted_->catalog, bodies);
    out_.plan = planned(changes, bodies.empty() ? wanted_->catalog : before_bodies, intents);
    if (!bodies.empty()) add_bodies(bodies);
    fill_read_set(out_.plan, out_.live, renames_);
    name_broken_bodies(out_.plan, out_.live.catalog, wanted_->catalog, all, renames_);
    note_lost(out_.live, all, out_.plan);
  }

  // All but the bodies that are replaced, with the renames at the end.
  plan::Plan planned(const std::vector<Change>& changes, const Catalog& to, const catalog::Intents& intents) {
    const auto probes = elaborator::probe_columns(*copy_.scratch, changes, out_.live.catalog, to, intents, elaborated_.need_path);
    const auto time_zones = elaborator::time_zones_of(target_, out_.live.text_settings);
    const auto row_probes = elaborator::probe_rows(*copy_.scratch, changes, out_.live.catalog, to);
    planner::Input input{.from = out_.live.catalog,
                         .to = to,
                         .changes = changes,
                         .renames = renames_,
                         .intents = intents,
                         .facts = out_.live.facts,
                         .probes = probes,
                         .row_probes = &row_probes,
                         .time_zones = &time_zones,
                         .places = wanted_->places,
                         .server_version = out_.live.target.server_version,
                         .default_privileges = &out_.live.default_privileges,
                         .role = out_.live.current_user,
                         .manages_every_grant = declared_.scope.everything,
                         .coexistence = options_.coexistence,
                         .hold = options_.hold.count() > 0,
                         .elaborating = false,
                         .intents_need_path = &elaborated_.need_path};
    std::vector<std::string> notes;
    const auto successions = elaborator::probe_successions(copy_, input, with_unmanaged_parts(), notes);
    input.successions = &successions;
    recipes::SecondNames second_names;
    if (options_.coexistence) second_names = elaborator::probe_second_names(copy_, input, notes);
    input.second_names = &second_names;
    plan::Plan plan = planner::make_plan(input);
    plan.notes.insert(plan.notes.end(), notes.begin(), notes.end());
    name_lacking_rights(plan, copy_, target_, input, out_.live);
    name_null_fills(plan, copy_, input);
    return plan;
  }

  // A body that is text may use the new names, and PostgreSQL doesn't tell: it is replaced after the renames.
  using Parts = std::pair<std::vector<Change>, std::vector<Change>>;
  static Parts without_bodies(const std::vector<Change>& changes) {
    Parts parts;
    for (const Change& change : changes) (kinds::replaces_body(change) ? parts.second : parts.first).push_back(change);
    return parts;
  }

  // Under the names that the files declare.
  void add_bodies(std::vector<Change> bodies) {
    for (Change& change : bodies) change.id = former_->declared(change.id);
    const Catalog from = with_values_before(out_.desired.catalog, bodies);
    plan::Plan replaced = planner::make_plan({.from = from,
                                              .to = out_.desired.catalog,
                                              .changes = bodies,
                                              .places = out_.desired.places,
                                              .server_version = out_.live.target.server_version,
                                              .default_privileges = &out_.live.default_privileges,
                                              .role = out_.live.current_user,
                                              .manages_every_grant = declared_.scope.everything});
    add_replaced_bodies(out_.plan, std::move(replaced.steps), out_.desired.catalog);
    planner::number(out_.plan.steps);
    for (auto& note : replaced.changes) out_.plan.changes.push_back(std::move(note));
    for (auto& note : replaced.notes) out_.plan.notes.push_back(std::move(note));
  }

  // What no kind covers goes with them (the privileges of an identity's sequence).
  std::set<ObjectId> with_unmanaged_parts() const {
    std::set<ObjectId> ids;
    for (const auto& unmanaged : out_.live.unmanaged) ids.insert(unmanaged.goes_with.begin(), unmanaged.goes_with.end());
    return ids;
  }

  static Catalog with_values_before(const Catalog& catalog, const std::vector<Change>& changes) {
    std::vector<catalog::Object> objects = catalog.objects();
    for (const Change& change : changes) {
      for (const auto& item : change.attributes) objects.at(catalog.index_of(change.id).value()).set(item.attribute, item.from);
    }
    return Catalog(std::move(objects), catalog.edges());
  }

  void prove() {
    elaborator::UnprovedObjects unproved;
    unproved.add(out_.live.catalog, copy_.lacking);
    for (const auto& [id, reason] : out_.desired.untried) unproved.add(out_.desired.whole(), id, reason);
    for (const auto& [id, reason] : copy_.stood_in) unproved.add(out_.live.catalog, id, reason, true);
    for (const auto& [id, reason] : out_.desired.stood_in) unproved.add(out_.desired.whole(), id, reason, true);
    run_on_copy(copy_, out_.plan, wanted_->catalog, out_.live.facts, unproved, declared_offline(out_.live.catalog, intents_));
    take_digests(target_, out_.live.catalog, out_.plan);
    Catalog outcome = elaborator::read_copy(copy_);
    if (closure_) outcome = with_closure(out_.live.catalog, *closure_, outcome);
    const Catalog before = copy_.catalog;
    Comparer comparer(out_.desired.scope, out_.desired.catalog);
    comparer.elaborated(&before, former_ ? &former_->elaborated_as_declared() : again_.found());
    std::vector<Change> left = comparer.changes(outcome);
    if (!former_ && !all_again_ && !printed_otherwise(left).empty()) {
      read_all_again(left);
      comparer.elaborated(&before, again_.found());
      left = comparer.changes(outcome);
    }
    const bool gives_owners = copy_.scratch->gives_owners();
    for (Change& change : left) {  // see prove.cpp: such an owner can't be set on scratch
      if (gives_owners && kinds::of(change.id).made_by != kinds::Maker::superuser) continue;
      std::erase_if(change.attributes, [](const auto& item) { return item.attribute == kinds::kOwner.name; });
    }
    std::erase_if(left, [&](const Change& change) {
      if (change.what == Change::What::set && change.attributes.empty()) return true;
      if (aside_ && change.what == Change::What::set && beside_.holds_or_prints(outcome, change.id)) return true;
      if (aside_ && beside_.holds(change.id)) return true;
      return unproved.excuse(change.what == Change::What::added ? out_.desired.catalog : outcome, change.id);
    });
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
                                            wanted_->catalog, wanted_->whole());
      std::set<ObjectId> guarded;
      for (const ObjectId& id : declared_.scope.protects) guarded.insert(planner::name_before(id, renames_));
      out_.harm = protected_harm(out_.plan, guarded);
    }
    out_.plan.target = out_.live.target;
    out_.plan.tool_version = options_.tool_version;
    out_.plan.desired_fingerprint = out_.desired.catalog.fingerprint();
    for (const auto& unmanaged : out_.live.unmanaged) out_.unmanaged.push_back(unmanaged.description);
  }

  postgres::Session& target_;
  CopyAhead* ahead_;  // null: none
  const Beside& beside_;
  bool aside_ = false;  // what they will do was left out
  const parser::Declared& declared_;
  const elaborator::Options& options_;
  Comparison& out_;
  std::optional<FormerNames> former_;  // absent: nothing is renamed
  const elaborator::Desired* wanted_;  // the desired state under the names that the database has
  Comparer comparer_;
  catalog::Intents intents_;
  Elaborated elaborated_;
  CountedRows counted_rows_;
  std::vector<Rename> renames_;
  std::optional<Closure> closure_;  // of which copy_ consists; absent: of everything
  elaborator::Copy copy_;
  DesiredAgain again_;
  bool all_again_ = false;  // again_ is more than the changed expressions
};

}  // namespace

Comparison compare(postgres::Session& target, const parser::Declared& declared, const elaborator::Options& options,
                   support::Diagnostics& diagnostics, const Selection& selection, std::optional<postgres::Snapshot> live) {
  Comparison comparison;
  comparison.live = live ? std::move(*live) : postgres::introspect(target);
  CopyAhead ahead(declared, comparison.live, options);
  comparison.desired =
      elaborate(declared, &comparison.live, options, diagnostics, [&](const auto& foreseen) { ahead.begin(foreseen); });
  if (diagnostics.has_errors()) {
    ahead.forget();
    return comparison;
  }
  const Tidying tidying = tidy(target, comparison.live, &comparison.desired.catalog);
  std::optional<postgres::Snapshot> untidied;
  if (!tidying.steps.empty()) {
    ahead.forget();
    untidied = std::move(comparison.live);
    comparison.live = introspect_tidied(target, tidying.steps, {});
  }
  const std::vector<Waiting> waiting = waiting_runs(target);
  const Beside beside(waiting);
  std::optional<Cut> part;
  const std::string whole = selection.any() ? comparison.desired.catalog.fingerprint() : std::string();
  if (selection.any()) {
    if (!tidying.steps.empty())
      throw support::RefusedError(
          "a run that was given up has left objects behind, which the next plan removes: --only and --exclude are for after "
          "that. Nothing was changed");
    part = cut(selection, declared, comparison.desired, comparison.live, beside);
    comparison.desired = part->desired;
  }
  Comparing(target, part ? part->declared : declared, options, comparison, tidying, beside, &ahead).run(diagnostics);
  ahead.forget();
  if (comparison.disagreements.empty()) {
    for (const Waiting& run : waiting) comparison.left_to.push_back(run.run);
  }
  take_in(comparison.plan, tidying);
  // The database had leftovers that the copy didn't have, so only each step's own expectations can be used.
  if (!tidying.steps.empty()) comparison.plan.before.clear();
  if (comparison.plan.empty()) {
    if (part) note_part(comparison.plan, *part, selection, whole);
    return comparison;
  }
  if (comparison.plan.steps.back().phase == plan::Phase::purge) comparison.plan.hold = options.hold.count();
  add_estimates(comparison.plan, target);
  std::optional<State> before;
  if (const auto applied = executor::applied_state(target)) before = read_state(applied->objects, applied->scope);
  comparison.plan.record = record_text(comparison.desired, before);
  if (part) note_part(comparison.plan, *part, selection, whole);
  mark_undone_drift(comparison.plan, target, before, untidied ? *untidied : comparison.live, comparison.desired.catalog, options);
  return comparison;
}

void compare_made(postgres::Session& scratch, const parser::Declared& declared, const elaborator::Options& options,
                  Comparison& comparison, support::Diagnostics& diagnostics) {
  const Tidying tidying;
  const Beside beside({});
  Comparing(scratch, declared, options, comparison, tidying, beside).run(diagnostics);
}

}  // namespace lockstep::reconciler
