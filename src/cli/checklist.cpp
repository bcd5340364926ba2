#include "cli/checklist.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <set>

#include "cli/text.h"
#include "elaborator/sources.h"
#include "fleet/lock_file.h"
#include "fleet/requirements.h"
#include "support/error.h"
#include "support/visible.h"

namespace lockstep::cli {
namespace {

using plan::Hazard;

// Each once, in their order.
std::string listed(const std::vector<std::string>& names) {
  std::set<std::string> seen;
  std::string text;
  for (const std::string& name : names)
    if (!name.empty() && seen.insert(name).second) text += (text.empty() ? "" : ", ") + name;
  return text;
}

std::string first_line(const std::string& text) {
  return text.substr(0, text.find('\n'));
}

class Checking {
 public:
  Checking(const plan::Plan& plan, const std::vector<Hazard>& hazards, const fleet::Job& job, postgres::Session& target)
      : plan_(plan), hazards_(hazards), job_(job), target_(target) {}

  Checklist run() {
    target_database();
    proof();
    consent();
    losses();
    waits();
    gate();
    repository();
    upstream();
    approvals();
    rehearsal();
    return std::move(checks_);
  }

 private:
  // How far this command goes.
  plan::Phase until() const { return job_.phase.value_or(job_.gates ? plan::Phase::migrate : plan::Phase::contract); }

  void add(bool done, const std::string& text) { checks_.push_back({done, text}); }

  // A condition that somebody else's function asks by throwing.
  template <class Function>
  void ask(const std::string& met, Function function) {
    try {
      function();
      add(true, met);
    } catch (const support::CommandError& error) {
      add(false, first_line(error.what()));
    }
  }

  void target_database() {
    const std::string& name = job_.known.environment;
    if (name.empty()) return;
    if (fleet::read_pins(job_.known.lock_path).contains(name)) {
      add(true, fmt::format("the database is the one that lockstep.lock knows as {}", name));
    } else {
      add(false, fmt::format("lockstep.lock doesn't know the database of {} yet: the first apply pins it", name));
    }
  }

  void proof() {
    if (plan_.proved) return add(true, "the plan was tried on a scratch copy and leads to the declared state");
    add(false, plan_.unproved.empty() ? "the plan was not tried on a scratch copy"
                                      : plural(plan_.unproved.size(), "object") + " could not be tried on a scratch copy");
  }

  void consent() {
    std::vector<std::string> open;
    for (const Hazard& hazard : hazards_)
      if (!job_.consent.covers(hazard)) open.push_back(hazard.kind + " of " + hazard.object);
    if (hazards_.empty()) return add(true, "no hazard asks for consent");
    if (open.empty()) return add(true, plural(hazards_.size(), "hazard") + " consented to");
    add(false, fmt::format("{} to consent to: {}", plural(open.size(), "hazard"), listed(open)));
  }

  void losses() {
    std::vector<std::string> lost;
    for (const plan::Step& step : plan_.steps)
      for (const plan::Loss& loss : step.losses) lost.push_back(loss.object);
    if (lost.empty()) {
      add(true, "no stored value is lost");
    } else {
      add(job_.settings.backup,
          fmt::format("{}: {}", job_.settings.backup ? "saved before it goes" : "lost without a backup", listed(lost)));
    }
    for (const std::string& command : job_.backup_also) add(false, "before any change the run makes another backup: " + command);
  }

  void waits() {
    std::vector<std::string> steps;
    for (const Hazard& hazard : hazards_)
      if (hazard.kind == "rewrite" || hazard.kind == "long-lock") steps.push_back(hazard.step);
    add(steps.empty(), steps.empty() ? "no step keeps others waiting longer than an attempt at a lock"
                                     : "others wait while these steps work: " + listed(steps));
  }

  void gate() {
    const auto takes = std::find_if(plan_.steps.begin(), plan_.steps.end(), [](const plan::Step& step) {
      return step.phase >= plan::Phase::contract && plan::breaks(step);
    });
    if (takes == plan_.steps.end()) return;
    const bool stops = until() < plan::Phase::contract;
    add(stops,
        stops ? fmt::format("the run stops before contract ({}) until the new version of the application is deployed", takes->id)
              : fmt::format("there is no gate: the running application must already do without what {} takes away", takes->id));
  }

  void repository() {
    const fleet::Requirements& required = job_.required;
    if (!required.of_repository()) return;
    auto lines = fleet::unmet(required, job_.repository);
    for (std::string& line : fleet::unmet_by_files(required, job_.repository, files())) lines.push_back(std::move(line));
    for (const std::string& line : lines) add(false, line);
    if (!lines.empty()) return;
    std::vector<std::string> met;
    if (!required.branch.empty()) met.push_back("branch " + required.branch);
    if (required.clean) met.emplace_back("clean");
    if (required.up_to_date) met.emplace_back("up to date");
    add(true, "the files are the reviewed commit: " + listed(met));
  }

  std::vector<std::string> files() {
    std::vector<std::string> files = {job_.configuration};
    if (job_.sources) files.insert(files.end(), declared().files.begin(), declared().files.end());
    return files;
  }

  // REQUIRES: there are files. Errors in them have ended the plan before.
  const parser::Declared& declared() {
    if (!declared_) {
      elaborator::Sources sources = *job_.sources;
      sources.promoted = true;
      support::Diagnostics diagnostics;
      declared_ = elaborator::declare(sources, diagnostics);
    }
    return *declared_;
  }

  void upstream() {
    const std::string& name = job_.upstream.environment;
    if (name.empty() || !job_.sources) return;
    ask(fmt::format("the same declarations were applied and verified in {}", name), [&] {
      fleet::require_promoted(job_.upstream, declared().declarations, until(), job_.known.environment, target_, job_.options);
    });
  }

  void approvals() {
    const int wanted = job_.required.approvals;
    if (wanted == 0) return;
    const auto who = fleet::who_approved(job_.approvals, job_.known.environment);
    const bool enough = who.size() >= static_cast<std::size_t>(wanted);
    add(enough, fmt::format("approved by {} of {}{}", who.size(), wanted, who.empty() ? "" : ": " + listed(who)) +
                    (enough ? "" : " (`lockstep approve PLAN.json`)"));
  }

  void rehearsal() {
    if (!job_.rehearsed_within) return;
    ask("a backup was rehearsed in time",
        [&] { fleet::require_rehearsed(target_, *job_.rehearsed_within, job_.known.environment); });
  }

  const plan::Plan& plan_;
  const std::vector<Hazard>& hazards_;
  const fleet::Job& job_;
  std::optional<parser::Declared> declared_;
  postgres::Session& target_;
  Checklist checks_;
};

}  // namespace

Checklist checklist_of(const plan::Plan& plan, const std::vector<Hazard>& hazards, const fleet::Job& job,
                       postgres::Session& target) {
  if (plan.empty()) return {};
  return Checking(plan, hazards, job, target).run();
}

std::string checklist_text(const Checklist& checklist) {
  std::string text = checklist.empty() ? "" : "Checklist\n";
  for (const Check& check : checklist) text += fmt::format("  [{}] {}\n", check.done ? 'x' : ' ', support::visible(check.text));
  return text;
}

}  // namespace lockstep::cli
