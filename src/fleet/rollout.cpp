#include "fleet/rollout.h"

#include <fmt/format.h>

#include <map>

#include "support/error.h"

namespace lockstep::fleet {
namespace {

using support::CommandError;
using support::ExitCode;

std::string listed(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) text += "\n  " + line;
  return text;
}

// Consent or exit 3: every hazard that lacks it, with what to type, in one message.
std::vector<plan::Hazard> consented(const std::vector<plan::Hazard>& hazards, const plan::Consent& consent) {
  std::vector<std::string> missing;
  for (const plan::Hazard& hazard : hazards)
    if (!consent.covers(hazard))
      missing.push_back(
          fmt::format("{} {} {}: {}\n      {}", hazard.step, hazard.kind, hazard.object, hazard.message, consent_flag(hazard)));
  if (!missing.empty())
    throw support::RefusedError(fmt::format("{} hazard{} without consent; nothing was changed. To accept:{}", missing.size(),
                                            missing.size() == 1 ? "" : "s", listed(missing)));
  return hazards;
}

void require_target(const plan::Plan& plan, const plan::Target& target) {
  if (plan.target.system_identifier != target.system_identifier || plan.target.database_oid != target.database_oid ||
      plan.target.database != target.database)
    throw CommandError(ExitCode::stale,
                       fmt::format("wrong target: the plan was made for database \"{}\" (oid {}, cluster {}), this is \"{}\" "
                                   "(oid {}, cluster {}); nothing was changed",
                                   plan.target.database, plan.target.database_oid, plan.target.system_identifier, target.database,
                                   target.database_oid, target.system_identifier));
  if (plan.target.server_version / 10000 != target.server_version / 10000)
    throw CommandError(ExitCode::stale,
                       fmt::format("stale plan: made for PostgreSQL {}, the server is now {}; plan again. Nothing was changed",
                                   plan.target.server_version / 10000, target.server_version / 10000));
}

void require_fresh(const plan::Plan& plan, const catalog::Catalog& live) {
  const std::vector<std::string> moved = reconciler::stale(plan, live);
  if (!moved.empty())
    throw CommandError(ExitCode::stale,
                       fmt::format("stale plan: the database changed since the plan was made; nothing was changed by this run. "
                                   "Plan again. Changed:{}",
                                   listed(moved)));
}

// A saved plan without the files it came from: at least every object it makes is there, and every one it drops is gone.
std::vector<std::string> differences(const plan::Plan& plan, const catalog::Catalog& live) {
  std::map<catalog::ObjectId, bool> expected;
  for (const plan::Step& step : plan.steps) {
    for (const auto& id : step.destroys) expected[id] = false;
    for (const auto& id : step.produces) expected[id] = true;
  }
  std::vector<std::string> lines;
  for (const auto& [id, there] : expected)
    if (live.contains(id) != there) lines.push_back(catalog::to_string(id) + (there ? " is missing" : " is still there"));
  return lines;
}

class Rollout {
 public:
  Rollout(const Job& job, Conversation& conversation)
      : job_(job), conversation_(conversation), session_(postgres::connect(job.url, job.settings.application)) {}

  Outcome run() {
    if (job_.sources) declared_ = declare(*job_.sources, conversation_);
    const auto lock = executor::RunLock::acquire(*session_);
    if (finish_open_run()) return outcome_;
    if (job_.saved) {
      plan_ = *job_.saved;
      require_target(plan_, live().target);
    } else {
      reconciler::Comparison comparison = compare();
      plan_ = std::move(comparison.plan);
      desired_ = std::move(comparison.desired);
    }
    const std::vector<plan::Hazard> hazards = plan::hazards_of(plan_);
    conversation_.show_plan(plan_, hazards);
    outcome_.nothing_to_do = plan_.empty();
    if (plan_.empty()) {
      record_empty();
      return outcome_;
    }
    const std::vector<plan::Hazard> accepted = consented(hazards, job_.consent);
    conversation_.approve(fmt::format("Run these {} steps on database \"{}\"?", plan_.steps.size(), plan_.target.database));
    const catalog::Catalog before = live().catalog;
    require_fresh(plan_, before);
    executor::Settings settings = job_.settings;
    if (settings.backup) settings.catalog_text = parser::to_schema_text(before);
    executor::Dependencies use = dependencies();
    outcome_.report = executor::execute(plan_, accepted, settings, use);
    verify();
    record(outcome_.report.run_id);
    return outcome_;
  }

 private:
  executor::Dependencies dependencies() {
    return {*session_, [this] { return postgres::connect(job_.url, job_.settings.application); }, executor::system_clock(),
            conversation_.output()};
  }

  postgres::Snapshot live() { return postgres::introspect(*session_, {.facts = false, .unmanaged = false}); }

  reconciler::Comparison compare() {
    support::Diagnostics diagnostics;
    reconciler::Comparison result = reconciler::compare(*session_, *declared_, job_.options, diagnostics);
    settle(diagnostics, conversation_);
    return result;
  }

  // True: it was this very saved plan, and everything is done.
  bool finish_open_run() {
    const std::optional<executor::RunRecord> run = executor::open_run(*session_);
    if (!run) return false;
    conversation_.open_run_found(*run);
    conversation_.approve("Finish it?");
    executor::Dependencies use = dependencies();
    outcome_.report = executor::resume(*run, job_.settings, use);
    outcome_.resumed = true;
    if (!job_.saved || plan::digest(*job_.saved) != run->plan_digest) return false;
    plan_ = *job_.saved;
    verify();
    record(outcome_.report.run_id);
    return true;
  }

  void verify() {
    std::vector<std::string> lines;
    if (declared_) {
      elaborate();
      lines = reconciler::verify(*session_, *desired_, job_.options);
      outcome_.verified = true;
    } else {
      lines = differences(plan_, live().catalog);
    }
    if (!lines.empty())
      throw CommandError(ExitCode::mismatch,
                         fmt::format("every step ran and is journalled (run {}), but live is not what was desired:{}",
                                     outcome_.report.run_id, listed(lines)));
  }

  // Once a run; a plan from the files has done it already.
  void elaborate() {
    if (desired_) return;
    support::Diagnostics diagnostics;
    const postgres::Snapshot snapshot = live();
    desired_ = reconciler::elaborate(*declared_, &snapshot, job_.options, diagnostics);
    settle(diagnostics, conversation_);
  }

  // An empty plan is written down too, once: from then on this database is known to be at this state. Where a run got
  // here and was killed before it could say so, it is that run.
  void record_empty() {
    const auto applied = executor::applied_state(*session_);
    if (applied && applied->fingerprint == plan_.desired_fingerprint) return;
    const std::vector<executor::RunRecord> runs = executor::runs(*session_);
    if (!runs.empty() && runs.front().state == "done" && runs.front().desired_fingerprint == plan_.desired_fingerprint) {
      record(runs.front().id);
      return;
    }
    executor::Dependencies use = dependencies();
    outcome_.report = executor::execute(plan_, {}, job_.settings, use);
    record(outcome_.report.run_id);
  }

  // What was declared, object by object: a later plan may drop these without asking whose they are.
  void record(const std::string& run_id) {
    const std::map<std::string, std::string> objects = applied_objects();
    executor::record_applied(*session_, run_id, plan_.desired_fingerprint, {objects.begin(), objects.end()});
  }

  std::map<std::string, std::string> applied_objects() {
    if (declared_) elaborate();
    std::map<std::string, std::string> objects;
    if (desired_) {
      const catalog::Catalog& catalog = desired_->catalog;
      for (catalog::Index i = 0; i < catalog.objects().size(); ++i)
        objects[catalog::to_string(catalog.at(i).id)] = catalog.fingerprint(i);
      return objects;
    }
    // A saved plan without files: what was known before, with what the plan made and without what it dropped.
    if (const auto applied = executor::applied_state(*session_)) objects = applied->objects;
    const catalog::Catalog now = live().catalog;
    for (const plan::Step& step : plan_.steps) {
      for (const auto& id : step.destroys) objects.erase(catalog::to_string(id));
      for (const auto& id : step.produces)
        if (const auto index = now.index_of(id)) objects[catalog::to_string(id)] = now.fingerprint(*index);
    }
    return objects;
  }

  const Job& job_;
  Conversation& conversation_;
  std::unique_ptr<postgres::Session> session_;
  std::optional<parser::Declared> declared_;
  std::optional<reconciler::Desired> desired_;
  plan::Plan plan_;
  Outcome outcome_;
};

}  // namespace

Outcome apply(const Job& job, Conversation& conversation) {
  if (!job.sources && !job.saved) throw support::UsageError("nothing to apply: give --schema or a saved plan");
  return Rollout(job, conversation).run();
}

void refuse_errors(const support::Diagnostics& diagnostics) {
  if (!diagnostics.has_errors()) return;
  std::size_t errors = 0;
  for (const support::Diagnostic& one : diagnostics.sorted()) errors += one.severity == support::Severity::error ? 1 : 0;
  throw support::UsageError(fmt::format("{} error{}; nothing was touched", errors, errors == 1 ? "" : "s"));
}

void settle(const support::Diagnostics& diagnostics, Conversation& conversation) {
  conversation.show_diagnostics(diagnostics);
  refuse_errors(diagnostics);
}

parser::Declared declare(const reconciler::Sources& sources, Conversation& conversation) {
  support::Diagnostics diagnostics;
  parser::Declared declared = reconciler::declare(sources, diagnostics);
  settle(diagnostics, conversation);
  return declared;
}

std::string consent_flag(const plan::Hazard& hazard) {
  std::string item = hazard.kind + ":" + hazard.object;
  for (char& c : item)
    if (c == ',' || c == '\'') c = '?';  // a comma separates items of --allow; ? matches it
  const bool plain =
      item.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.:-") == std::string::npos;
  return "--allow " + (plain ? item : "'" + item + "'");
}

}  // namespace lockstep::fleet
