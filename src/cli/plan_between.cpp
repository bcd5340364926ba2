#include "cli/plan_between.h"

#include <fmt/format.h>

#include <filesystem>
#include <memory>
#include <optional>

#include "cli/report.h"
#include "cli/target.h"
#include "fleet/protection.h"
#include "fleet/revision.h"
#include "fleet/schema_files.h"
#include "reconciler/between.h"
#include "support/error.h"

namespace lockstep::cli {
namespace {

namespace fs = std::filesystem;
using fleet::Revision;
using support::UsageError;

std::vector<std::string> configured(const Work& work) {
  std::vector<std::string> items;
  if (work.configuration)
    for (const fleet::Located& item : work.configuration->schema) items.push_back(item.text);
  return items;
}

std::string project_of(const Work& work) {
  return work.configuration ? work.configuration->folder() : "";
}

// One state of the files.
class State {
 public:
  State(const std::string& text, const Work& work) : label_(text) {
    const std::string project = project_of(work);
    const std::vector<std::string> items = configured(work);
    sources_.variables = variables_of(work);
    if (Revision::is_named(text)) {
      revision_ = std::make_unique<Revision>(text, items, project);
      sources_.paths = revision_->files();
      sources_.project = revision_->folder();
      label_ = fmt::format("{} (commit {})", text, revision_->commit().substr(0, 12));
      return;
    }
    if (work.configuration) sources_.project = project;
    std::error_code ignored;
    // The project itself means the files that it names: there is more in its folder, such as backups.
    const bool whole = !items.empty() && fs::equivalent(text, project.empty() ? "." : project, ignored);
    sources_.paths = whole ? fleet::project_schema_files(items, project) : fleet::schema_files({text});
  }

  parser::Declared declared(const Console& console) const {
    support::Diagnostics diagnostics;
    parser::Declared result = elaborator::declare(sources_, diagnostics);
    settle_named(diagnostics, console);
    return result;
  }

  // Names of files at a commit as people know them.
  std::string named(const std::string& text) const { return revision_ ? revision_->named(text) : text; }
  void settle_named(const support::Diagnostics& diagnostics, const Console& console) const {
    if (!revision_) return settle(diagnostics, console);
    for (const support::Diagnostic& one : diagnostics.sorted()) console.err(named(support::render(one)));
    if (diagnostics.has_errors()) throw UsageError(fmt::format("errors in the files of {}; nothing was touched", label_));
  }

  const std::string& label() const { return label_; }
  std::vector<std::string> missing() const { return revision_ ? revision_->missing() : std::vector<std::string>(); }

 private:
  static std::map<std::string, std::string> variables_of(const Work& work) {
    std::map<std::string, std::string> variables;
    if (work.environment != nullptr) variables = work.environment->variables;
    if (work.configuration) variables.insert(work.configuration->variables.begin(), work.configuration->variables.end());
    return variables;
  }

  std::string label_;
  std::unique_ptr<Revision> revision_;  // absent: files of the work tree
  elaborator::Sources sources_;
};

std::vector<std::string> notes_of(const State& from, const State& to, bool large, const plan::Plan& plan) {
  std::vector<std::string> notes{fmt::format("from {} to {}", from.label(), to.label())};
  for (const State* state : {&from, &to})
    for (const std::string& item : state->missing())
      notes.push_back(fmt::format("{} has no {}: nothing of it is declared there", state->label(), item));
  if (!plan.empty())
    notes.push_back(
        fmt::format("no database was asked: how large its tables are, how long a step takes and whether the rows allow it is "
                    "unknown; every table is treated as {}",
                    large ? "a large one (--offline: as an empty one)" : "an empty one (--offline)"));
  return notes;
}

}  // namespace

void between_flags(Flags app, BetweenOptions& options) {
  app.option("--from", options.from,
             "with --to: what changes between two states of the files, without a database: git:REF, git:REF:PATH or a path")
      .type("STATE");
  app.option("--to", options.to, "see --from").type("STATE");
  const Option online = app.flag("--online", options.online, "with --from: treat every table as a large one (the default)");
  app.flag("--offline", options.offline, "with --from: treat every table as an empty one").excludes(online);
}

BetweenResult plan_between(const BetweenRequest& request, const std::optional<std::string>& hold, const Console& console) {
  const BetweenOptions& states = request.states;
  if (states.from.empty() || states.to.empty())
    throw UsageError("two states of the files are compared by --from and --to together; --online and --offline are for them");
  // Without the files of the work tree, which may be neither state.
  Work todo = work({.config = request.config, .prove = request.prove}, console);
  todo.options.cache = !request.schema.no_cache;
  support::Diagnostics unset;
  todo.options.shadow = shadow_of(request.schema.shadow, todo.configuration.get(), "", console, unset);
  settle(unset, console);
  if (!request.env.empty()) take_settings(todo, request.env);
  take_hold(todo.options, hold);
  const State from(states.from, todo), to(states.to, todo);
  const parser::Declared before = from.declared(console), after = to.declared(console);
  support::Diagnostics diagnostics;
  const auto tables = states.offline ? reconciler::Tables::small : reconciler::Tables::large;
  BetweenResult result;
  plan::Plan plan;
  std::string harm;
  try {
    reconciler::Comparison found = reconciler::between(before, after, tables, todo.options, diagnostics);
    plan = std::move(found.plan);
    harm = std::move(found.harm);
  } catch (const support::CommandError& error) {
    throw support::CommandError(error.code(), to.named(from.named(error.what())));
  }
  const bool errors = diagnostics.has_errors();
  if (errors || !diagnostics.empty()) {
    for (const support::Diagnostic& one : diagnostics.sorted()) console.err(to.named(from.named(support::render(one))));
    if (errors) throw UsageError("the files can't be elaborated (see above); nothing was touched");
  }
  for (plan::ChangeNote& change : plan.changes) change.source = to.named(from.named(change.source));
  for (plan::Step& step : plan.steps) step.source = to.named(from.named(step.source));
  for (std::string& note : plan.notes) note = to.named(from.named(note));
  std::vector<std::string> notes = notes_of(from, to, !states.offline, plan);
  plan.notes.insert(plan.notes.begin(), notes.begin(), notes.end());
  result.document.hazards = plan::hazards_of(plan);
  result.document.plan = std::move(plan);
  try {
    fleet::refuse_harm(todo.job().protection, result.document.plan, result.document.hazards, request.env);
    fleet::refuse_protected(harm);
  } catch (const support::RefusedError& refused) {
    result.refusal = refused.what();
  }
  return result;
}

}  // namespace lockstep::cli
