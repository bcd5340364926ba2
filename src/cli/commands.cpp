#include "cli/commands.h"

#include <CLI/CLI.hpp>
#include <array>

namespace lockstep::cli {

// Copied from the rows at the first call: the rows are constants of other files, initialised before main either way.
std::span<const Command> commands() {
  static const auto kTable =
      std::to_array<Command>({kDemo, kInit, kInspect, kFmt, kCheck, kPlan, kApply, kResume, kResolve, kStatus, kHistory, kVerify,
                              kCompare, kBackup, kIdentity, kCompletion, kManual});
  return kTable;
}

void target_flags(CLI::App& app, Options& options) {
  auto* url = app.add_option("--url", options.url, "the database: any libpq URI or keyword string")->type_name("URL");
  app.add_option("--env", options.env, "the database of this environment of lockstep.yaml")->type_name("NAME")->excludes(url);
}

void targets_flags(CLI::App& app, Options& options) {
  auto* url = app.add_option("--url", options.url, "the database: any libpq URI or keyword string")->type_name("URL");
  app.add_option("--env", options.environments, "environments of lockstep.yaml (default: all of them)")
      ->type_name("NAME")
      ->delimiter(',')
      ->excludes(url);
}

void backup_flags(CLI::App& app, Options& options) {
  app.add_flag("--no-backup", options.no_backup, "don't save what a step loses");
  app.add_option("--store", options.store, "the backup folder (default: `backup.store`, else ./backups)")->type_name("DIR");
}

void format_flag(CLI::App& app, Options& options) {
  app.add_option("--format", options.format, "text or json")->check(CLI::IsMember({"text", "json"}))->type_name("FORMAT");
}

CLI::App* action(CLI::App& app, Options& options, const char* name, const char* help) {
  CLI::App* sub = app.add_subcommand(name, help);
  sub->fallthrough();
  sub->final_callback([&options, name] { options.action = name; });
  app.require_subcommand(1);
  return sub;
}

void schema_flags(CLI::App& app, Options& options) {
  app.add_option("--schema", options.schema, "schema files, folders or patterns (default: `schema:` of lockstep.yaml)")
      ->type_name("PATH")
      ->expected(1, -1);
  app.add_flag("--no-cache", options.no_cache, "don't use, and don't keep, results of earlier runs on disk");
  shadow_flag(app, options);
}

void shadow_flag(CLI::App& app, Options& options) {
  app.add_option("--shadow", options.shadow,
                 "where scratch databases are made: embedded, same-server or the URL of another server (default: `shadow:` of "
                 "lockstep.yaml, or embedded)")
      ->type_name("WHERE");
  app.add_option("--shadow-timeout", options.shadow_timeout,
                 "the most time for one statement on a scratch database, such as 30s or 5min (default: `shadow_timeout:` of "
                 "lockstep.yaml, or 60s)")
      ->type_name("TIME");
}

}  // namespace lockstep::cli
