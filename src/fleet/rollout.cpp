#include "fleet/rollout.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <set>
#include <string>
#include <utility>

#include "executor/journal.h"
#include "executor/sound_journal.h"
#include "executor/transitional.h"
#include "fleet/beside_others.h"
#include "fleet/consent.h"
#include "fleet/contract_begins.h"
#include "fleet/freshness.h"
#include "fleet/gate.h"
#include "fleet/hold.h"
#include "fleet/open_run.h"
#include "fleet/other_backups.h"
#include "fleet/phase_hooks.h"
#include "fleet/plan_guard.h"
#include "fleet/recorded_state.h"
#include "fleet/require_outcome.h"
#include "fleet/rollout_words.h"
#include "fleet/run_hooks.h"
#include "plan/plan_file.h"
#include "reconciler/comparison.h"
#include "reconciler/foreign_code.h"
#include "reconciler/leftovers.h"
#include "reconciler/state.h"
#include "support/error.h"
#include "support/interrupt.h"
#include "support/lines.h"
#include "support/visible.h"

namespace lockstep::fleet {
namespace {

using support::CommandError;
using support::ExitCode;
using support::listed;

class Rollout {
 public:
  Rollout(const Job& job, Conversation& conversation)
      : job_(job), conversation_(conversation), session_(executor::connect(job.url, job.settings.application)) {}

  Outcome apply() {
    const bool goes_back = job_.saved && !job_.saved->undoes.empty();  // to what no file need say
    if (goes_back && job_.phase) throw support::UsageError("--phase is for a change; this plan is a way back, which has no gate");
    if (!goes_back) require_repository(job_.required, job_.repository, job_.configuration, job_.known.environment);
    if (job_.sources && !goes_back) declared_ = declare(*job_.sources, conversation_);
    if (declared_) require_committed(job_.required, job_.repository, declared_->files, job_.known.environment);
    if (declared_) declared_->declarations = reconciler::digest_of_part(declared_->declarations, job_.selection);
    const auto lock = begin();
    if (goes_back) require_same_progress(*session_, *job_.saved);
    if (goes_back && is_unfinished(*session_, job_.saved->undoes)) closing_ = job_.saved->undoes;
    bool planned = false;
    if (const auto open = meant()) {
      const bool same = is_resumable(*open);
      const bool stays = open->waits() && !(job_.phase && *job_.phase >= open->next);
      if (open->waits() && !same && !job_.saved) compare(job_.options);  // do the files want what waiting runs do?
      const bool beside = open->waits() && !same && !job_.saved && disagreements_.empty();
      if (!same && !beside) approve_other(*open, stays);
      if (job_.hold_given && !(beside && stays)) require_same_hold(*open, job_.options.hold);
      planned = beside && stays;
      if (stays && (same || plan_.empty() || !job_.run.empty())) return stay(*open);
      if (!stays) {
        finish(*open, until_of(*open));
        if (outcome_.gate || (job_.saved && same)) return outcome_;
      }
    }
    if (job_.saved) {
      if (const auto done = executor::unrecorded_run(*session_); done && !job_.dry_run) record_late(*done);
      plan_ = *job_.saved;
      const postgres::Snapshot now = live();
      require_target(plan_, now.target);
      require_care(plan_, now);
      require_beside(*session_, plan_, job_.known);  // before the files make another plan, which leaves out what waits
      if (declared_) require_same_as_files();
    } else {
      if (!planned) compare(job_.options);
      outcome_.more_to_do = outcome_.passed_gate && !plan_.empty();
      if (outcome_.more_to_do) return outcome_;  // --phase let the waiting run through, not another plan
    }
    std::vector<plan::Hazard> hazards = plan::hazards_of(plan_);
    if (job_.saved) add_foreign_tables(hazards, live().catalog, {});
    conversation_.show_plan(plan_, hazards);
    outcome_.nothing_to_do = plan_.empty() && plan_.undoes.empty();  // a way back is journalled, even without steps
    outcome_.part = job_.selection.any();
    if (outcome_.nothing_to_do) {
      if (outcome_.part) return outcome_;  // of the rest nothing is known
      if (!job_.saved) record_empty();
      pin();
      return outcome_;
    }
    const plan::Phase until = job_.gates && !goes_back ? plan::Phase::migrate : plan::Phase::contract;
    require_unheld(*session_, plan_, job_.known);
    require_beside(*session_, plan_, job_.known);
    refuse_harm(job_.protection, plan_, hazards, job_.known.environment);
    refuse_protected(harm_);
    refuse_unlifted(*session_, plan_);
    until_ = job_.phase.value_or(until);
    if (!goes_back && job_.rehearsed_within) require_rehearsed(*session_, *job_.rehearsed_within, job_.known.environment);
    if (!goes_back) promote(declared_ ? declared_->declarations : "", until_);
    if (!goes_back && job_.approvals.required > 0)
      provenance_.approvals =
          require_approved(job_.approvals, plan::digest(plan_), executor::runs(*session_), job_.known.environment);
    require_stoppable(plan_, until_);
    const std::vector<plan::Hazard> accepted = consented(hazards);
    conversation_.approve(question(plan_, until_));
    execute(accepted);
    if (outcome_.report.waits_before) return stop();
    verify();
    conclude();
    return outcome_;
  }

  Outcome resume() {
    const auto lock = begin();
    const auto open = executor::open_run(*session_, job_.run);
    if (open && open->waits()) {
      outcome_.gate = gate_of(*session_, *open, job_.known);
    } else if (open) {
      finish(*open, until_of(*open));
    } else if (const auto done = executor::unrecorded_run(*session_)) {
      record_late(*done);
      outcome_.resumed = true;
    }
    return outcome_;
  }

 private:
  // A person is asked about each hazard that the command line doesn't consent to.
  std::vector<plan::Hazard> consented(const std::vector<plan::Hazard>& hazards) {
    require_consent(hazards, job_.consent, "apply", [&](const plan::Hazard& hazard) { return conversation_.accepts(hazard); });
    return hazards;
  }

  std::unique_ptr<executor::RunLock> begin() {
    require_pinnable(job_.known);
    auto lock = executor::RunLock::acquire(*session_);
    require_target_to_change(*session_, job_.known);
    require_trusted_journal();
    return lock;
  }

  // Called before anything in the journal decides what is done.
  void require_trusted_journal() {
    if (const auto open = executor::open_run(*session_)) {
      executor::require_trusted_writers(*session_, "finish the open run " + open->id + " by " + support::visible(open->who()));
    } else if (executor::any_recorded(*session_)) {
      executor::require_trusted_writers(*session_, "remove what an earlier run has left behind");
    }
  }

  postgres::Snapshot live() { return postgres::introspect(*session_, {.facts = false, .unmanaged = false, .addresses = true}); }

  // If the files are available, the saved plan must equal a plan made from them now.
  void require_same_as_files() {
    elaborator::Options options = job_.options;
    options.prove = job_.saved->proved;
    compare(options);
    if (plan::digest(plan_) != plan::digest(*job_.saved)) throw CommandError(ExitCode::stale, said::kNotOfTheFiles);
    plan_ = *job_.saved;
  }

  void compare(const elaborator::Options& options) {
    support::Diagnostics diagnostics;
    reconciler::Comparison result = reconciler::compare(*session_, *declared_, options, diagnostics, job_.selection);
    settle(diagnostics, conversation_);
    plan_ = std::move(result.plan);
    desired_ = std::move(result.desired);
    compared_ = std::move(result.live);
    disagreements_ = std::move(result.disagreements);
    harm_ = std::move(result.harm);
  }

  plan::Phase until_of(const executor::RunRecord& run) const { return job_.phase.value_or(run.until); }

  // The run has stopped at the gate just now.
  Outcome stop() {
    const auto run = executor::open_run(*session_, outcome_.report.run_id);
    if (!run->waits()) throw support::InternalError("the run stopped at the gate, and its journal doesn't say so");
    outcome_.gate = gate_of(*session_, *run, job_.known, job_.saved.has_value());
    pin("");
    if (support::interrupts() > 0)
      throw CommandError(support::interrupt_code(), "interrupted at the gate.\n" + gate_text(*outcome_.gate));
    hooks(outcome_.gate->run).at_gate(*outcome_.gate);
    if (!outcome_.report.refused.empty()) throw support::RefusedError(outcome_.report.refused + "\n" + gate_text(*outcome_.gate));
    return outcome_;
  }

  executor::Settings settings_until(plan::Phase until) {
    executor::Settings settings = job_.settings;
    settings.until = until;
    if (!plan_.undoes.empty()) return settings;
    settings.keeps_from_contract = [this](const std::string& run) {
      return keeps_from_contract(*session_, run, job_.quiet, job_.still_used, stood_);
    };
    return settings;
  }

  // The run has waited there before, and this command doesn't pass the gate.
  Outcome stay(const executor::RunRecord& run) {
    plan_ = plan::from_json(run.plan_json);
    outcome_.gate = gate_of(*session_, run, job_.known, job_.saved.has_value());
    hooks(outcome_.gate->run).at_gate(*outcome_.gate);
    return outcome_;
  }

  void execute(const std::vector<plan::Hazard>& accepted) {
    executor::Settings settings = settings_until(until_);
    settings.run_id = session_->query("SELECT pg_catalog.gen_random_uuid()", {}).text(0, 0);
    hooks(settings.run_id).before();
    provenance_.backups = back_up_also(job_.backup_also, facts(settings.run_id), *session_);
    settings.provenance = provenance_;
    reconciler::require_tidied(*session_, plan_);
    executor::forget_gone(*session_);
    const postgres::Snapshot before =
        reconciler::introspect_tidied(*session_, plan_.steps, {.facts = false, .unmanaged = false}, closing_);
    require_fresh(plan_, before);
    if (settings.backup) settings.catalog_text = parser::to_schema_text(before.catalog);
    run_steps(settings.run_id, [&](executor::Dependencies& use) { return executor::execute(plan_, accepted, settings, use); });
  }

  // Whether an open run leads to the state that is to be applied now.
  bool is_resumable(const executor::RunRecord& run) {
    if (job_.saved) return plan::digest(*job_.saved) == run.plan_digest;
    elaborate();
    const bool same = reconciler::digest_of_part(desired_->catalog.fingerprint(), job_.selection) == run.desired_fingerprint;
    if (!same) desired_.reset();  // the run's own plan tells what is recorded
    return same;
  }

  // The open run that this command is about, or has to deal with first; none: it begins a new one, beside no other.
  std::optional<executor::RunRecord> meant() {
    std::vector<executor::RunRecord> open = executor::open_runs(*session_);
    std::erase_if(open, [&](const auto& run) { return run.id == closing_; });
    if (!job_.run.empty()) return executor::open_run(*session_, job_.run);
    if (open.empty()) return std::nullopt;
    if (job_.saved) {
      const std::string digest = plan::digest(*job_.saved);
      for (const auto& run : open)
        if (run.plan_digest == digest) return run;
      if (open.front().waits()) return std::nullopt;  // require_beside() compares the plans
    }
    // Which of several gates the application is ready for, only a person knows.
    if (job_.phase && open.front().waits() && *job_.phase >= open.front().next) return executor::open_run(*session_, "");
    return open.front();
  }

  // `stays`: it waits at the gate, and this command can't finish it.
  void approve_other(const executor::RunRecord& run, bool stays) {
    OtherRun other = other_run(*session_, run, what_it_was_for(run, job_.saved.has_value(), job_.selection), job_.known);
    std::vector<std::string> differs;
    for (const auto& one : disagreements_) differs.push_back(fmt::format("run {}: {}", one.run.substr(0, 8), one.what));
    if (!differs.empty())
      other.situation += "\nThese files want something else of the objects that it changes:" + listed(differs);
    if (stays)
      throw support::RefusedError(other.situation + "\nThis command doesn't pass the gate. Nothing was changed by it.\n" +
                                  other.commands);
    conversation_.approve_other(other.situation, other.commands);
  }

  // For a run that was killed between the end of its last step and the record of the resulting state.
  void record_late(const executor::RunRecord& run) {
    executor::require_trusted_writers(*session_, "record what run " + run.id + " has left");
    plan_ = plan::from_json(run.plan_json);
    outcome_.report.run_id = run.id;
    outcome_.report.steps_done = run.steps;
    require_outcome(differences(plan_, live().catalog));
    conclude();
  }

  // After the plan was made, somebody may have added a foreign table to the children of a table that it reads.
  void add_foreign_tables(std::vector<plan::Hazard>& hazards, const catalog::Catalog& now, const std::set<std::string>& done) {
    for (const auto& one : reconciler::foreign_tables(plan_, postgres::read_evaluated(*session_), now, done))
      hazards.push_back({"foreign-code", one.object, one.message, ""});
  }

  void promote(const std::string& declarations, plan::Phase until) {
    provenance_.declarations = declarations;
    if (!job_.upstream.environment.empty() && provenance_.unpromoted.empty())
      provenance_.promoted_by =
          require_promoted(job_.upstream, declarations, until, job_.known.environment, *session_, job_.options);
  }

  // What a passed gate lets through: nothing that was changed meanwhile or is protected now. Returns the hazards without consent.
  // A run that was cut off before its gate is let through as one that waits there is.
  std::vector<plan::Hazard> require_passable(const executor::RunRecord& run, const plan::Plan& rest,
                                             const std::set<std::string>& done, const postgres::Snapshot& now) {
    if (run.waits()) require_rest_fresh(plan_, done, now);
    if (run.waits() && job_.still_used.empty()) require_quiet(old_names(*session_, run.id), job_.quiet);
    const std::vector<plan::Hazard> hazards = plan::hazards_of(rest);
    refuse_harm(job_.protection, rest, hazards, job_.known.environment);
    refuse_unlifted(*session_, rest);
    promote(run.provenance.declarations, job_.phase.value_or(plan::Phase::contract));
    return without_consent(*session_, run, hazards);
  }

  // The run's own plan decides, whatever the files contain now.
  void finish(const executor::RunRecord& run, plan::Phase until) {
    executor::require_intact_journal(*session_, run);
    stood_ = run.waits();
    conversation_.open_run_found(run);
    plan_ = plan::from_json(run.plan_json);
    const std::set<std::string> done = done_steps(*session_, run);
    const plan::Plan rest = rest_of(plan_, done);
    const postgres::Snapshot now = live();
    std::vector<plan::Hazard> hazards;
    if (run.waits() || until > run.until) hazards = require_passable(run, rest, done, now);
    require_stoppable(rest, until);
    conversation_.approve(run.waits() ? fmt::format("Run what is left of it, {} steps?", rest.steps.size()) : "Finish it?");
    executor::require_rest_unmoved(*session_, run);
    require_care(plan_, now, done);
    add_foreign_tables(hazards, now.catalog, done);
    consented(hazards);
    hooks(run.id).before();
    if (run.waits()) note_promoted(*session_, run.id, provenance_.promoted_by);
    const executor::Settings settings = settings_until(until);
    run_steps(run.id, [&](executor::Dependencies& use) { return executor::resume(run, settings, use); });
    if (outcome_.report.waits_before) return static_cast<void>(stop());
    outcome_.resumed = true;
    outcome_.passed_gate = run.waits();
    has_waited_ = run.gated;
    require_outcome(differences(plan_, live().catalog));
    conclude();
  }

  template <class Function>
  void run_steps(const std::string& run_id, Function function) {
    PhaseHooks output(conversation_.output(),
                      [&](plan::Phase phase) { hooks(run_id).after(phase, *session_, !plan_.undoes.empty()); });
    executor::Dependencies use{*session_, [this] { return executor::connect(job_.url, job_.settings.application); },
                               executor::system_clock(), output};
    outcome_.report = function(use);
    if (outcome_.report.waits_before) return;
    support::at_interrupt("Every step is done and journalled; what follows the steps was cut off. Run the same command again.");
    if (support::interrupts() > 0)
      throw CommandError(support::interrupt_code(), said::interrupted_after_all(outcome_.report.run_id));
  }

  HookFacts facts(const std::string& run_id) const {
    return {job_.known.environment, run_id, plan_.target.database, job_.hook_folder, job_.hooks.environment};
  }
  RunHooks hooks(const std::string& run_id) const { return {job_.hooks, facts(run_id), provenance_}; }

  void verify() {
    if (!declared_ || reconciler::selection_of(plan_).any()) return require_outcome(differences(plan_, live().catalog));
    elaborate();
    require_outcome(reconciler::verify(*session_, *desired_, job_.options));
    outcome_.verified = true;
  }

  void require_outcome(const std::vector<std::string>& lines) {
    fleet::require_outcome(*session_, outcome_.report.run_id, lines);
  }

  // Once a run; for a plan from the files it is already done.
  void elaborate() {
    if (desired_) return;
    support::Diagnostics diagnostics;
    const postgres::Snapshot snapshot = live();
    desired_ = elaborator::elaborate(*declared_, &snapshot, job_.options, diagnostics);
    settle(diagnostics, conversation_);
  }

  // Records the present state, pins the environment to this database, and runs the user's `after` hooks.
  void conclude() {
    if (plan_.undoes.empty()) {
      const postgres::Snapshot now = live();
      record_state(*session_, outcome_.report.run_id, plan_, state(now), now.catalog);
    } else {
      outcome_.undone = record_undone(*session_, plan_, outcome_.report.run_id, live());
    }
    pin();
    hooks(outcome_.report.run_id).after_all();
  }

  void pin() { pin(plan_.desired_fingerprint); }

  // `applied`: what was applied last; empty: as it was.
  void pin(const std::string& applied) {
    try {
      outcome_.pinned = fleet::pin(*session_, job_.known, applied) || outcome_.pinned;
    } catch (const support::UsageError& error) {
      conversation_.output().message(
          fmt::format("the steps are done, but {}\nPin the environment with `lockstep identity set --env {}`", error.what(),
                      job_.known.environment));
    }
  }

  reconciler::State state(const postgres::Snapshot& now) {
    return state_after_run(*session_, plan_, {desired_ ? &*desired_ : nullptr, has_waited_, closing_}, now);
  }

  // An empty plan is recorded too if that adds information: from then on this database is known to be in this state. If a run
  // reached the state and was killed before it could record it, that run is recorded.
  void record_empty() {
    reconciler::State now = state(compared_);
    const std::vector<executor::RunRecord> runs = executor::runs(*session_);
    const std::string& declarations = declared_->declarations;
    const bool told = declarations.empty() || !evidence_of(runs, declarations, plan::Phase::contract).run.empty();
    if (told && is_recorded(*session_, plan_, now)) return;
    promote(declarations, plan::Phase::contract);
    const bool reached_by_newest = !runs.empty() && (runs.front().state == "done" || runs.front().held()) &&
                                   runs.front().desired_fingerprint == plan_.desired_fingerprint &&
                                   (told || runs.front().provenance.declarations == declarations);  // it isn't verified yet
    now.addresses = reconciler::addresses_of(now.catalog, live(), now.addresses);
    if (reached_by_newest)
      return record_state(*session_, runs.front().id, plan::from_json(runs.front().plan_json), now, compared_.catalog);
    executor::Dependencies use{*session_, {}, executor::system_clock(), conversation_.output()};
    executor::Settings settings = job_.settings;
    settings.provenance = provenance_;
    outcome_.report = executor::execute(plan_, {}, settings, use);
    record_state(*session_, outcome_.report.run_id, plan_, now, compared_.catalog);
  }

  const Job& job_;
  Conversation& conversation_;
  std::unique_ptr<postgres::Session> session_;
  std::optional<parser::Declared> declared_;
  std::optional<elaborator::Desired> desired_;                   // absent: only the plan's own objects are known
  postgres::Snapshot compared_;                                  // live as it was when the plan was made from the files
  plan::Phase until_ = plan::Phase::contract;                    // of a new run
  executor::Provenance provenance_ = job_.settings.provenance;   // of it
  std::vector<reconciler::Beside::Disagreement> disagreements_;  // of the files with waiting runs
  std::string harm_;                                             // what `protect` of the files forbids of the plan
  bool stood_ = false;                                           // the run that was finished waited there when this command came
  bool has_waited_ = false;                                      // the run that was finished, at a gate
  std::string closing_;                                          // the open run that the plan undoes; empty: none
  plan::Plan plan_;
  Outcome outcome_;
};

}  // namespace

Outcome apply(const Job& job, Conversation& conversation) {
  if (!job.sources && !job.saved) throw support::UsageError("nothing to apply: give --schema or a saved plan");
  return Rollout(job, conversation).apply();
}

Outcome resume(const Job& job, Conversation& conversation) {
  return Rollout(job, conversation).resume();
}

}  // namespace lockstep::fleet
