#include "cli/import_adopt.h"

#include <fmt/format.h>

#include "cli/plan_view.h"
#include "cli/progress.h"
#include "cli/report.h"
#include "executor/applied.h"
#include "executor/sound_journal.h"
#include "fleet/known_target.h"
#include "plan/hazard.h"
#include "reconciler/comparison.h"

namespace lockstep::cli {
namespace {

using support::RefusedError;

constexpr const char* kMeanwhile = "the database changed just now; nothing was recorded. Run the same command again";

// Answers no: a rollout that would run a step is none that only records.
class Recording : public fleet::Conversation {
 public:
  explicit Recording(const Console& console) : console_(console), progress_(make_progress(console)) {}

  void show_diagnostics(const support::Diagnostics&) override {}  // the comparison has shown them
  void show_plan(const plan::Plan& plan, const std::vector<plan::Hazard>&) override {
    if (!plan.empty()) throw RefusedError(kMeanwhile);
  }
  bool accepts(const plan::Hazard&) override { return false; }
  void open_run_found(const executor::RunRecord&) override { throw RefusedError(kMeanwhile); }
  void approve_other(const std::string& situation, const std::string& commands) override {
    throw RefusedError(situation + "\nNothing was recorded.\n" + commands);
  }
  void approve(const std::string&) override { throw RefusedError(kMeanwhile); }
  executor::Output& output() override { return *progress_; }

 private:
  const Console& console_;
  std::unique_ptr<executor::Output> progress_;
};

std::string target_words(const Work& todo) {
  return todo.name().empty() ? "--url …" : "--env " + todo.name();
}

}  // namespace

support::ExitCode adopt(const Work& todo, const Console& console) {
  const auto session = executor::connect(todo.url, todo.settings.application);
  fleet::require_target_to_change(*session, todo.known);
  if (const auto run = executor::open_run(*session))
    throw RefusedError(
        fmt::format("run {} is open in this database: finish it (`lockstep resume`) or give it up first. The files are "
                    "written; nothing was recorded",
                    run->id));
  if (const auto applied = executor::applied_state(*session))
    throw RefusedError(fmt::format(
        "what was applied to this database is recorded already (run {}): `lockstep plan {}` shows what the files would "
        "change, `lockstep adopt` writes into them what somebody changed by hand. The files are written; nothing was "
        "recorded",
        applied->run.substr(0, 8), target_words(todo)));
  support::Diagnostics diagnostics;
  const parser::Declared declared = elaborator::declare(*todo.sources, diagnostics);
  const reconciler::Comparison found = reconciler::compare(*session, declared, todo.options, diagnostics);
  settle(diagnostics, console);
  show_unmanaged(found.unmanaged, console);
  if (!found.plan.empty()) {
    console.out(plan_text(found.plan, plan::hazards_of(found.plan),
                          {.colour = console.colour_out, .statements = Statements::shortened, .width = console.width}) +
                "\n");
    console.err(fmt::format(
        "The database is not what the migrations make: the plan above is the difference. Nothing was recorded, and nothing was "
        "changed in it.\nIs every migration applied there? Did somebody change it by hand? If the database is right, change the "
        "files until `lockstep plan {0}` has nothing to do, then `lockstep apply {0}` records that. If the files are right, "
        "`lockstep apply {0}` runs the plan.\n",
        target_words(todo)));
    return support::ExitCode::changes;
  }
  Recording recording(console);
  const fleet::Outcome outcome = fleet::apply(todo.job(), recording);
  console.err("adopted: the database is what the files say, and that is recorded in it as the applied state (schema lockstep)\n");
  if (outcome.pinned) console.err(fmt::format("environment {} is pinned in {}\n", todo.name(), todo.known.lock_path));
  return support::ExitCode::done;
}

}  // namespace lockstep::cli
