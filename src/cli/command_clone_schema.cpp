// Makes a development database equal to the recorded state of another one, by a plan like any other. Its own rows stay.
#include <fmt/format.h>

#include <filesystem>

#include "cli/apply_options.h"
#include "cli/commands.h"
#include "cli/conversation.h"
#include "cli/report.h"
#include "cli/stages.h"
#include "executor/identity.h"
#include "executor/sound_journal.h"
#include "fleet/recorded_schema.h"
#include "support/temporary_folder.h"
#include "support/visible.h"

namespace lockstep::cli {
namespace command_clone_schema {
namespace {

namespace fs = std::filesystem;

struct Options {
  std::string from, to, confirmed;
  ShadowOptions shadow;
  BackupOptions backup;
  ConsentOptions consent;
  bool dry_run = false;
};

void flags(Flags app, Options& options) {
  app.option("FROM", options.from, "the environment, or URL, whose last applied state is wanted").required().type("FROM");
  app.option("TO", options.to, "the environment, or URL, of the development database that gets it").required().type("TO");
  app.flag("--dry-run", options.dry_run, "show the plan, and run nothing");
  yes_flag(app, options.consent.yes, "don't ask before the run (consents to no hazard)");
  allow_flag(app, options.consent.allow, "consent to hazards: KIND[:GLOB],… or all");
  backup_flags(app, options.backup);
  shadow_flags(app, options.shadow);
}

bool is_url(const std::string& text) {
  return text.find("://") != std::string::npos || text.find('=') != std::string::npos;
}

TargetOptions target_named(const std::string& text) {
  return is_url(text) ? TargetOptions{.url = text, .env = {}} : TargetOptions{.url = {}, .env = text};
}

// A database with rules is not one for experiments.
void require_for_development(const Work& to) {
  if (to.environment == nullptr) return;
  const std::string rule = fleet::rule_of(*to.environment);
  if (!rule.empty())
    throw support::RefusedError(
        fmt::format("environment {} has `{}:`, so it is no development database: it gets reviewed files by `lockstep deploy`. "
                    "Nothing was changed",
                    to.name(), rule));
}

void write_files(const std::map<std::string, std::string>& files, const std::string& folder) {
  for (const auto& [file, text] : files) {
    const fs::path whole = fs::path(folder) / file;
    fs::create_directories(whole.parent_path());
    write_file(whole.string(), text);
  }
}

void require_two_databases(const Work& from, const plan::Target& source, const Work& to) {
  const auto session = executor::connect(to.url, to.settings.application);
  const plan::Target target = executor::located(*session);
  if (target.system_identifier == source.system_identifier && target.database_oid == source.database_oid)
    throw support::UsageError(fmt::format("FROM and TO are the same database ({}). Nothing was changed",
                                          from.name().empty() ? "by their URLs" : from.name() + " and " + to.name()));
}

support::ExitCode run(const Options& options, const ConfigOptions& config, const Console& console) {
  const TargetOptions from_target = target_named(options.from), to_target = target_named(options.to);
  const Work from = work({.config = config, .target = &from_target}, console);
  const Work to = work({.config = config, .target = &to_target}, console);
  require_for_development(to);
  const auto source = executor::connect(from.url, from.settings.application);
  const plan::Target place = executor::located(*source);
  require_two_databases(from, place, to);
  const std::string shown = from.name().empty() ? "database " + place.database : "environment " + from.name();
  const fleet::RecordedSchema recorded = fleet::recorded_schema(*source, from.known, shown);
  console.err(fmt::format("the state of {} after run {}, {}\n", support::visible(shown), recorded.run.substr(0, 8), recorded.at));
  const support::TemporaryFolder folder("clone");
  write_files(recorded.files, folder.path());
  ApplyOptions apply{.target = to_target, .backup = options.backup, .consent = options.consent};
  apply.schema.paths = {folder.path()};
  apply.schema.shadow = options.shadow;
  apply.schema.no_cache = true;  // the files' places never come again
  apply.hold = "none";
  apply.phase = "contract";
  apply.promotion.message = fmt::format("clone-schema: the state of {} after run {}", shown, recorded.run.substr(0, 8));
  ApplyJob job = apply_job(apply, config, console);
  job.job.dry_run = options.dry_run;
  Stages stages(console);
  auto conversation = make_conversation(
      console, {.yes = options.consent.yes, .statements = console.verbose ? Statements::whole : Statements::shortened});
  try {
    if (options.dry_run)
      conversation = staged(std::move(conversation), stages, true,
                            [](const plan::Plan&, const std::vector<plan::Hazard>&) { throw DryRunEnd{"this is the plan"}; });
    return show_outcome(fleet::apply(job.job, *conversation), apply, job.todo, console);
  } catch (const DryRunEnd& end) {
    console.out(fmt::format("dry run: nothing was changed; {}\n", end.why));
    return support::ExitCode::done;
  }
}

}  // namespace
}  // namespace command_clone_schema

constinit const Command kCloneSchema = command<command_clone_schema::flags, command_clone_schema::run>(
    "clone-schema", "make a development database equal to what was last applied to another environment");

}  // namespace lockstep::cli
