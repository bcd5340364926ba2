// The way back from each step: the plan from the catalog after it to the catalog before it, made by the same rules.
#include "plan/undo.h"

#include <algorithm>
#include <set>

#include "kinds/columns/mapped.h"
#include "kinds/columns/without_values.h"
#include "kinds/inheritance/columns_between.h"
#include "kinds/inheritance/new_parents.h"
#include "kinds/recreation/succeed_columns.h"
#include "kinds/registry.h"
#include "planner/draft.h"
#include "planner/states.h"
#include "recipes/column_succession.h"
#include "recipes/conversion.h"
#include "recipes/relation.h"
#include "support/error.h"
#include "support/sql_text.h"

namespace lockstep::planner {

using catalog::Catalog;
using catalog::Change;
using catalog::Object;
using catalog::ObjectId;

namespace {

constexpr const char* kConvertedBack = " (its present values are converted back; the former ones stay in the backup)";

// What is refused, without what to do instead.
std::string on_one_line(const std::string& refusal) {
  std::string text;
  for (const char c : refusal.substr(0, refusal.find("\nNothing was changed"))) {
    const bool space = c == ' ' || c == '\n';
    if (!space || (!text.empty() && text.back() != ' ')) text += space ? ' ' : c;
  }
  return text;
}

bool speaks_of(const plan::Undo& undo, const ObjectId& id) {
  return std::any_of(undo.steps.begin(), undo.steps.end(),
                     [&](const plan::Step& step) { return plan::names(step.produces, id) || plan::names(step.destroys, id); });
}

Change reversed(const ObjectId& id, const Object* before, const Object* after) {
  Change change{.what = Change::What::set, .id = id, .attributes = {}};
  if (after == nullptr) change.what = Change::What::added;
  if (before == nullptr) change.what = Change::What::removed;
  if (before == nullptr || after == nullptr) return change;
  for (const auto& attribute : kinds::of(id).attributes) {
    const auto &from = after->value(attribute.name), &to = before->value(attribute.name);
    if (attribute.facet && catalog::is_absent(from)) continue;  // no file states it, and so the step leaves it as it was
    if (!attribute.derived && from != to) change.attributes.push_back({attribute.name, from, to});
  }
  std::sort(change.attributes.begin(), change.attributes.end(),
            [](const auto& a, const auto& b) { return a.attribute < b.attribute; });
  return change;
}

class Reverser {
 public:
  // `fills`: it gives values to rows of a column that existed before the plan.
  Reverser(const Input& input, const plan::Step& step, bool fills, const Transition& transition, States::Around around)
      : input_(input), step_(step), fills_(fills), transition_(transition), around_(std::move(around)) {}

  plan::Undo run() {
    for (const plan::Loss& loss : step_.losses) {
      if (loss.query.empty() || comes_back_computed(loss)) continue;
      undo_.lost.push_back(loss.what + (converts_back(loss) ? kConvertedBack : ""));
    }
    if (fills_) lose_nulls();
    leave_out_demands();
    reverse();
    map_back();
    if (changes_.empty()) return std::move(undo_);
    try {
      undo_.steps = steps();
      name_changes();
    } catch (const support::RefusedError& error) {
      undo_.refused = on_one_line(error.what());
    }
    return std::move(undo_);
  }

 private:
  // A cast takes the column's present values back, or the author's `back using` does: the saved ones would be older. What
  // `convert using` made of them has no other inverse than the backup.
  bool converts_back(const plan::Loss& loss) const {
    return loss.hazard == "lossy-type" && std::none_of(input_.intents.begin(), input_.intents.end(), [&](const auto& intent) {
             return support::join(intent.first.path, ".") == loss.object && intent.second.convert && !intent.second.convert_back;
           });
  }

  bool comes_back_computed(const plan::Loss& loss) const {
    return std::any_of(transition_.begin(), transition_.end(), [&](const auto& changed) {
      const Object* before = around_.before.find(changed.first);
      return before != nullptr && support::join(changed.first.path, ".") == loss.object && kinds::is_computed(*before);
    });
  }

  // Nobody knows any more which rows had no value.
  void lose_nulls() {
    undo_.lost.push_back("which rows of " + step_.batches.schema + "." + step_.batches.table + " had no value before \"" +
                         step_.title + "\"");
  }

  // A column that comes back without its values can't demand one in every row.
  void leave_out_demands() {
    std::vector<Object> objects;
    bool any = false;
    for (const Object& object : around_.before.objects()) {
      const auto found = transition_.find(object.id);
      const bool returns = found != transition_.end() && !found->second;
      auto relaxed = returns ? kinds::without_values(object, around_.before, around_.after) : std::nullopt;
      if (relaxed) undo_.lost.push_back("NOT NULL of " + catalog::to_string(object.id) + ": applying its files sets it again");
      any = any || relaxed;
      objects.push_back(relaxed ? std::move(*relaxed) : object);
    }
    if (any) around_.before = Catalog(std::move(objects), around_.before.edges());
  }

  void reverse() {
    std::set<ObjectId> keepers;
    for (const auto& [id, object] : transition_) {
      const Object *before = around_.before.find(id), *after = around_.after.find(id);
      if (before == nullptr && after == nullptr) continue;
      if (kinds::stays_own(id, around_.after, around_.before)) {
        keepers.insert(recipes::relation_of(id));
        continue;
      }
      Change change = reversed(id, before, after);
      if (change.what == Change::What::set && change.attributes.empty()) continue;
      if (change.what == Change::What::set) foresee(change);
      changes_.push_back(std::move(change));
    }
    for (const ObjectId& table : keepers)
      undo_.lost.push_back("that columns and checks of " + catalog::to_string(table) +
                           " are inherited only: they stay its own too, PostgreSQL has no statement for that");
  }

  // Nobody has tried how PostgreSQL converts back. The cast is written out, with the question whether every value survives it,
  // and counts as a rewrite.
  void foresee(const Change& change) {
    const bool retypes = std::any_of(change.attributes.begin(), change.attributes.end(), [&](const auto& item) {
      return kinds::attribute(kinds::of(change.id), item.attribute)->rebuilds_dependents;
    });
    if (!retypes) return;
    probes_[recipes::cast_written_out(change.id)] = {.rewrites = true, .scans = true, .builds = true};
    const auto intent = input_.intents.find(change.id);
    if (intent != input_.intents.end() && intent->second.convert_back)
      intents_[change.id] = {
          .convert = intent->second.convert_back, .convert_back = intent->second.convert, .span = intent->second.span};
  }

  // Values that only the new type of an enum has; which of the old ones each row had is in the backup.
  void map_back() {
    for (const Change& change : changes_) {
      auto maps = kinds::maps_back(change.id, around_.before, around_.after, input_.intents);
      if (!maps.empty()) intents_[change.id].map = std::move(maps);
    }
    for (auto& column : kinds::mapped_columns(changes_, around_.after, around_.before, intents_))
      kinds::convert_by_map(intents_, std::move(column), {});
  }

  plan::Steps steps() {
    Input back{.from = around_.after,
               .to = around_.before,
               .changes = changes_,
               .intents = intents_,
               .facts = input_.facts,
               .probes = probes_,
               .time_zones = input_.time_zones,
               .server_version = input_.server_version,
               .default_privileges = input_.default_privileges,
               .way_back = true,
               .manages_every_grant = input_.manages_every_grant,
               .intents_need_path = input_.intents_need_path};
    if (swapped_in_hold()) back.successions = input_.successions->back.get();
    const Disposition disposition = decide(back);
    const kinds::Context context = context_of(back, disposition);
    const Ordered ordered = ordered_drafts(back, disposition, context);
    auto folded = fold(back, ordered.drafts, ordered.order);
    for (plan::Step& step : folded.steps) {
      step.alters.clear();
      step.awaits.clear();
      kinds::leave_out_empty_overrides(step, back.to);
      step.undo = {};                                         // the way back can be resumed, not undone
      for (auto& check : step.checks) check.upfront = false;  // the state that it asks about is only there when it runs
    }
    if (back.successions != nullptr) ask_first(folded.steps.front(), context);
    return std::move(folded.steps);
  }

  // Values written since for which the old type has no room. A plan that renames something of the table holds nothing of it, so
  // the names are those of the plan.
  void ask_first(plan::Step& first, const kinds::Context& context) const {
    for (const Change& change : changes_) {
      if (kinds::back_of(change.id, *input_.successions) == nullptr || intents_.contains(change.id)) continue;
      for (auto& check : recipes::conversion_tried_in_hold(context.from.at(*context.from.index_of(change.id)),
                                                           context.to.at(*context.to.index_of(change.id)), context)) {
        check.alone = check.upfront = false;  // it may name what earlier steps bring back
        first.checks.push_back(std::move(check));
      }
    }
  }

  // The step hides old columns that stand ready to take their names back.
  bool swapped_in_hold() const {
    return input_.hold && input_.successions != nullptr && input_.successions->back != nullptr &&
           std::any_of(step_.helpers.begin(), step_.helpers.end(), [](const plan::Helper& helper) {
             return helper.change == plan::Helper::Change::made && plan::stands_for_former_type(helper);
           });
  }

  // What is recorded after the way back follows from what its steps name, also where a step names nothing (row security).
  void name_changes() {
    if (undo_.steps.empty()) return;
    plan::Step& last = undo_.steps.back();
    for (const Change& change : changes_) {
      if (speaks_of(undo_, change.id)) continue;
      if (change.what == Change::What::set) last.produces.push_back(change.id);
      if (change.what == Change::What::removed && stays_below(change.id)) last.destroys.push_back(change.id);
    }
  }

  // It goes alone, and not with what it is a part of: a column's default, when the column is its parent's again.
  bool stays_below(const ObjectId& id) const {
    const auto& parent = around_.after.find(id)->parent;
    return parent && around_.before.contains(*parent);
  }

  const Input& input_;
  const plan::Step& step_;
  const bool fills_;
  const Transition& transition_;
  States::Around around_;
  std::vector<Change> changes_;
  std::map<ObjectId, recipes::ColumnProbe> probes_;
  catalog::Intents intents_;
  plan::Undo undo_;
};

// A constraint that is dropped and recreated as it was is validated in a step of its own. Where that step was not done, the way
// back has to do it: validating twice does no harm.
void validate_recreated(const Disposition& disposition, const std::vector<Draft>& drafts, Folded& folded) {
  for (std::size_t node = 1; node < drafts.size(); ++node) {
    const Draft& draft = drafts[node];
    const bool later = draft.does == Draft::Does::create && draft.chain == drafts[node - 1].chain &&
                       disposition.destroyed.contains(draft.object) && draft.step.mode == plan::TransactionMode::inside &&
                       draft.step.scans && draft.step.helpers.empty() && !draft.step.prepares;
    if (!later || folded.step_of[node] == folded.step_of[node - 1]) continue;
    auto& undo = folded.steps[folded.step_of[node - 1]].undo;
    if (!speaks_of(undo, draft.object)) undo.steps.push_back(draft.step);
  }
}

}  // namespace

void write_undo(const Input& input, const Disposition& disposition, const std::vector<Draft>& drafts, Folded& folded) {
  const auto all = transitions(input, disposition, drafts, folded);
  States states(input);
  std::set<std::size_t> fills;
  for (std::size_t node = 0; node < drafts.size(); ++node) {
    const bool fill = drafts[node].step.mode == plan::TransactionMode::batches && !drafts[node].step.prepares;
    if (fill && drafts[node].does == Draft::Does::alter) fills.insert(folded.step_of[node]);
  }
  for (std::size_t i = 0; i < folded.steps.size(); ++i) {
    plan::Step& step = folded.steps[i];
    const auto own = std::move(step.undo);  // the recipe's
    if (!all[i].empty() || !step.losses.empty() || fills.contains(i))
      step.undo = Reverser(input, step, fills.contains(i), all[i], states.pass(all[i])).run();
    if (!own.empty()) step.undo = own;
    kinds::leave_out_empty_overrides(step, input.to);
    step.alters.clear();
    step.awaits.clear();
    step.prepares = false;
  }
  validate_recreated(disposition, drafts, folded);
}

}  // namespace lockstep::planner
