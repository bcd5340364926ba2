#include "reconciler/way_back.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "elaborator/scratch_copy.h"
#include "elaborator/unproved.h"
#include "executor/applied.h"
#include "executor/journal.h"
#include "kinds/registry.h"
#include "plan/plan_file.h"
#include "plan/undo.h"
#include "planner/planner.h"
#include "postgres/introspect.h"
#include "recipes/transitional.h"
#include "reconciler/code_lines.h"
#include "reconciler/comparison.h"
#include "reconciler/estimates.h"
#include "reconciler/foreign_code.h"
#include "reconciler/leftovers.h"
#include "reconciler/proof.h"
#include "reconciler/read_set.h"
#include "reconciler/state.h"
#include "reconciler/territory.h"
#include "support/error.h"
#include "support/sql_text.h"
#include "support/visible.h"

namespace lockstep::reconciler {

using plan::Step;

namespace {

enum class Outcome { nothing, part, begun, all };

class Builder {
 public:
  Builder(postgres::Session& target, const executor::RunRecord& run, const elaborator::Options& options, const Guard& guard)
      : target_(target), run_(run), options_(options), guard_(guard), old_(plan::from_json(run.plan_json)) {}

  plan::Plan make() {
    executor::require_intact_journal(target_, run_);
    const postgres::Snapshot now = postgres::introspect(target_, {.facts = false, .unmanaged = false});
    const Tidying tidying = tidy(target_, now, nullptr, run_.id);
    live_ = introspect_tidied(target_, tidying.steps, {.unmanaged = false}, run_.id);
    plan_.tool_version = options_.tool_version;
    plan_.target = live_.target;
    plan_.undoes = run_.id;
    plan_.progress = executor::progress_of(target_, run_.id);
    refuse_drift(run_.held() ? now : live_);  // what is hidden was recorded as gone
    undo_steps();
    name_saved_now(tidying.steps);
    name_losses();
    prove();
    take_in(plan_, tidying);
    fill_read_set(plan_, live_, {});
    add_estimates(plan_, target_);
    plan_.before.clear();  // the copy had none of the transitional objects
    return std::move(plan_);
  }

 private:
  void undo_steps() {
    const auto states = executor::Journal(target_).step_states(run_.id);
    guard_postchecks(states);
    std::vector<std::string> refused;
    std::size_t done = 0;
    for (auto step = old_.steps.rbegin(); step != old_.steps.rend(); ++step) {
      const auto state = states.find(step->id);
      const Outcome outcome = state == states.end() ? Outcome::nothing : outcome_of(*step, state->second);
      if (outcome == Outcome::nothing) continue;
      if (outcome == Outcome::part && step->mode == plan::TransactionMode::outside) {
        repair(*step);
        continue;
      }
      if (outcome == Outcome::begun) finish(*step);
      ++done;
      const Step* back = step_to_undo(*step, states);
      if (back == nullptr) continue;
      if (!back->undo.refused.empty()) refused.push_back(fmt::format("{} ({}): {}", back->id, back->title, back->undo.refused));
      for (const Step& one : back->undo.steps) add(one);
      for (const std::string& lost : back->undo.lost) plan_.notes.push_back(std::string(kNotBroughtBack) + lost);
    }
    refuse(refused);
    plan_.changes.push_back(
        {"~", "run " + run_.id, fmt::format("undone: {} of its {} steps had been done", done, old_.steps.size()), ""});
  }

  // What the run had still to save when it ended: the way back does, and the values are as far away as if the run had.
  void name_saved_now(const plan::Steps& tidying) {
    for (const Step& step : old_.steps) {
      const bool now = std::any_of(tidying.begin(), tidying.end(), [&](const Step& saves) {
        return !saves.losses.empty() && saves.losses == step.losses && saves.helpers.empty();
      });
      if (!now) continue;
      for (const std::string& lost : step.undo.lost) {
        const std::string note = std::string(kNotBroughtBack) + lost;
        if (std::find(plan_.notes.begin(), plan_.notes.end(), note) == plan_.notes.end()) plan_.notes.push_back(note);
      }
    }
  }

  // By the names that the objects have now: people consent to those, and the plan may rename before it drops.
  void name_losses() {
    std::vector<const Step*> renames;
    for (Step& step : plan_.steps) {
      for (plan::Loss& loss : step.losses) {
        for (auto rename = renames.rbegin(); rename != renames.rend(); ++rename) loss.object = name_before(loss.object, **rename);
      }
      if (step.renames) renames.push_back(&step);
    }
  }

  // `object`: a path with dots, as in plan::Loss. The innermost rename counts: a column's name contains that of its table.
  static std::string name_before(const std::string& object, const Step& rename) {
    std::string before = object;
    std::size_t longest = 0;
    for (std::size_t i = 0; i < std::min(rename.destroys.size(), rename.produces.size()); ++i) {
      const std::string after = support::join(rename.produces[i].path, ".");
      if (after.size() <= longest || (object != after && !object.starts_with(after + "."))) continue;
      longest = after.size();
      before = support::join(rename.destroys[i].path, ".") + object.substr(longest);
    }
    return before;
  }

  // The outcome of a step that was under way is asked by a statement from the journal, as when the run is resumed.
  void guard_postchecks(const std::map<std::string, executor::StepState>& states) const {
    std::set<std::string> done;
    bool asks = false;
    for (const auto& [step, state] : states) {
      if (state.done) done.insert(step);
      asks = asks || (!state.done && state.intent);
    }
    if (asks) guard_(old_, live_, done);
  }

  // The step whose way back is taken in the place of this one's. Where a step hid something that a later one has dropped since,
  // the way back from the drop brings all of it back, and that from hiding is nothing. A table comes back where it was hidden:
  // its foreign keys went then, and what they refer to may have changed between the two. null: none.
  const Step* step_to_undo(const Step& step, const std::map<std::string, executor::StepState>& states) const {
    for (const Step& other : old_.steps) {
      const auto state = states.find(other.id);
      if (state == states.end() || !state->second.done) continue;
      if (const plan::Helper* hidden = hidden_between(step, other)) return is_relation(*hidden) ? &other : nullptr;
      if (const plan::Helper* hidden = hidden_between(other, step); hidden != nullptr && is_relation(*hidden)) return nullptr;
    }
    return &step;
  }

  static bool is_relation(const plan::Helper& hidden) { return hidden.names.size() == 2; }

  // What the one step hid and the other one took away; null: nothing.
  static const plan::Helper* hidden_between(const Step& hides, const Step& drops) {
    const auto hidden = std::find_if(hides.helpers.begin(), hides.helpers.end(), [&](const plan::Helper& made) {
      if (!recipes::hides(made)) return false;
      return std::any_of(drops.helpers.begin(), drops.helpers.end(), [&](const plan::Helper& taken) {
        return taken.change == plan::Helper::Change::taken && taken.type == made.type && taken.names == made.names;
      });
    });
    return hidden == hides.helpers.end() ? nullptr : &*hidden;
  }

  static std::string what_was_done(const catalog::Change& change) {
    std::string text = catalog::to_string(change.id);
    if (change.what == catalog::Change::What::added) return text + " was created";
    if (change.what == catalog::Change::What::removed) return text + " was dropped";
    for (const auto& item : change.attributes) {
      text += fmt::format("; {} was {}, is {}", item.attribute, catalog::to_string(item.from), catalog::to_string(item.to));
    }
    return text;
  }

  // Of a run that is done, and after which nothing else was recorded: what it touched must be as it left it.
  void refuse_drift(const postgres::Snapshot& live) const {
    const auto applied = executor::applied_state(target_);
    if (!applied || applied->run != run_.id) return;
    const auto state = read_state(applied->objects, applied->scope);
    if (!state) return;
    const Territory territory(old_, live.catalog);
    std::string lines;
    for (const catalog::Change& change : drift(*state, live, options_)) {
      if (territory.holds(change.id)) lines += "\n  " + what_was_done(change);
    }
    if (lines.empty()) return;
    throw support::RefusedError(support::visible_lines(fmt::format(
        "what run {} did was changed since, not by Lockstep:{}\nUndoing the run would undo that too, or fail. Nothing was "
        "changed. Put it back as the run left it (`lockstep verify`), or go back by other files.",
        run_.id.substr(0, 8), lines)));
  }

  // The roles of the target that a statement may name, whether or not anything refers to them now.
  std::vector<std::string> named_roles() const {
    std::string text;
    for (const Step& step : plan_.steps) {
      for (const std::string& statement : step.sql) text += statement + "\n";
    }
    std::vector<std::string> named;
    const auto roles = target_.query("SELECT rolname FROM pg_catalog.pg_roles ORDER BY 1", {});
    for (std::size_t row = 0; row < roles.size(); ++row) {
      if (text.find(support::quote_identifier(roles.text(row, 0))) != std::string::npos) named.push_back(roles.text(row, 0));
    }
    return named;
  }

  Outcome outcome_of(const Step& step, const executor::StepState& state) {
    if (state.done) return Outcome::all;
    if (step.mode == plan::TransactionMode::batches) return state.cursors.empty() ? Outcome::nothing : Outcome::part;
    if (step.mode != plan::TransactionMode::outside || !state.intent || step.postcheck.empty()) return Outcome::nothing;
    const std::string answer = target_.declared_single(support::DeclaredSql(step.postcheck)).text(0, 0);
    if (answer == "pending") return Outcome::begun;
    return answer == "done" ? Outcome::all : answer == "partial" ? Outcome::part : Outcome::nothing;
  }

  // There is no way back from within the step: it leads over its end.
  void finish(const Step& step) {
    Step on;
    on.title = "finish \"" + step.title + "\"";
    on.phase = plan::Phase::contract;
    on.mode = plan::TransactionMode::outside;
    on.sql = {step.repair};
    on.lock = step.lock;
    on.locks = step.locks;
    on.postcheck = step.postcheck;
    on.repair = step.repair;
    add(on);
    for (const plan::Helper& made : step.helpers) {  // no journal knows yet whether it is there
      const auto undo = plan::undo_statement(made, false);
      if (made.change != plan::Helper::Change::made || !undo) continue;
      plan::Helper helper = made;
      helper.undo = *undo;
      add(recipes::undo_step(helper, "remove the " + made.role + " of " + support::qualified(made.subject)));
    }
  }

  void repair(const Step& step) {
    if (step.repair.empty() || !step.helpers.empty()) return;  // what is half built is a transitional object, and goes as one
    Step back;
    back.title = "remove what is left of \"" + step.title + "\"";
    back.phase = plan::Phase::contract;
    back.mode = plan::TransactionMode::outside;
    back.sql = {step.repair};
    back.lock = step.lock;
    add(back);
  }

  void add(Step step) { plan_.steps.push_back(std::move(step)); }

  void refuse(const std::vector<std::string>& refused) const {
    if (refused.empty()) return;
    std::string lines;
    for (const std::string& one : refused) lines += "\n  " + one;
    throw support::RefusedError(support::visible_lines(
        fmt::format("run {} can't be undone. There is no way back from:{}\nNothing was changed. {}", run_.id.substr(0, 8), lines,
                    run_.waits()  ? "Finish it (`lockstep apply --phase contract`), or give it up and apply other files."
                    : run_.open() ? "Finish it (`lockstep resume`), or give it up and apply other files."
                                  : "Apply files that say what the database should be.")));
  }

  // By name only: whose owner a statement sets may be no role that could create it there (PostgreSQL's own schema public).
  catalog::Catalog with_what_comes_back() const {
    std::vector<catalog::Object> objects = live_.catalog.objects();
    std::set<catalog::ObjectId> added;
    for (const Step& step : plan_.steps) {
      for (const catalog::ObjectId& id : step.produces) {
        const auto& kind = kinds::of(id);
        const bool owned = kinds::attribute(kind, kinds::kOwner.name) != nullptr && kind.superuser_statements == nullptr;
        if (!owned || live_.catalog.contains(id) || !added.insert(id).second) continue;
        catalog::Object object;
        object.id = id;
        objects.push_back(std::move(object));
      }
    }
    return catalog::Catalog(std::move(objects), live_.catalog.edges());
  }

  void prove() {
    planner::number(plan_.steps);
    if (plan_.empty()) return;
    guard_(plan_, live_, {});
    elaborator::Copy copy = elaborator::make_copy(live_.catalog, live_.catalog, live_, options_, named_roles());
    elaborator::UnprovedObjects unproved;
    unproved.add(live_.catalog, copy.lacking);
    for (const auto& [id, reason] : copy.stood_in) unproved.add(live_.catalog, id, reason, true);
    try {
      run_on_copy(copy, plan_, with_what_comes_back(), live_.facts, unproved, {});
    } catch (const support::CommandError& error) {
      throw support::CommandError(
          error.code(),
          fmt::format("the way back from run {} was tried on a copy of the database as it is now, and fails there. Something it "
                      "needs may have been changed since the run (`lockstep verify` shows what).\n{}\nGo back by other "
                      "files, or put back what was changed and try again.",
                      run_.id.substr(0, 8), error.what()));
    }
    take_digests(target_, live_.catalog, plan_);
    // It is made and run at once, and it has to get there.
    for (Step& step : plan_.steps) step.limits.clear();
    plan_.unproved = unproved.unproved();
    // No file declares the code that comes to run again: each piece of another role needs consent.
    plan_.foreign_code =
        foreign_code(plan_, {}, postgres::read_evaluated(target_), live_.catalog, {}, elaborator::read_copy(copy));
    plan_.proved = true;
  }

  postgres::Session& target_;
  const executor::RunRecord& run_;
  const elaborator::Options& options_;
  const Guard& guard_;
  const plan::Plan old_;
  postgres::Snapshot live_;
  plan::Plan plan_;
};

}  // namespace

plan::Plan way_back(postgres::Session& target, const executor::RunRecord& run, const elaborator::Options& options,
                    const Guard& guard) {
  return Builder(target, run, options, guard).make();
}

}  // namespace lockstep::reconciler
