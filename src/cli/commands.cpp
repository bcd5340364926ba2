#include "cli/commands.h"

#include <array>

namespace lockstep::cli {

// Copied from the rows at the first call; the rows are constants of other files, initialised before main.
std::span<const Command> commands() {
  static const auto kTable =
      std::to_array<Command>({kDemo, kInit, kInspect, kFmt, kCheck, kPlan, kApply, kResume, kRollback, kResolve, kStatus,
                              kHistory, kVerify, kCompare, kBackup, kIdentity, kCompletion, kManual});
  return kTable;
}

void target_flags(Flags app, Options& options) {
  const Option url = app.option("--url", options.url, "the database: any libpq URI or keyword string").type("URL");
  app.option("--env", options.env, "the database of this environment of lockstep.yaml").type("NAME").excludes(url);
}

void targets_flags(Flags app, Options& options) {
  const Option url = app.option("--url", options.url, "the database: any libpq URI or keyword string").type("URL");
  app.option("--env", options.environments, "environments of lockstep.yaml (default: all of them)")
      .type("NAME")
      .list()
      .excludes(url);
}

void backup_flags(Flags app, Options& options) {
  app.flag("--no-backup", options.no_backup, "don't save what a step loses");
  app.option("--store", options.store, "the backup folder (default: `backup.store`, else ./backups)").type("DIR");
}

void format_flag(Flags app, Options& options) {
  app.option("--format", options.format, "text or json").choices({"text", "json"}).type("FORMAT");
}

void schema_flags(Flags app, Options& options) {
  app.option("--schema", options.schema, "schema files, folders or patterns (default: `schema:` of lockstep.yaml)")
      .type("PATH")
      .several();
  app.flag("--no-cache", options.no_cache, "don't use, and don't keep, results of earlier runs on disk");
  shadow_flag(app, options);
}

void shadow_flag(Flags app, Options& options) {
  app.option("--shadow", options.shadow,
             "where scratch databases are made: embedded, same-server or the URL of another server (default: `shadow:` of "
             "lockstep.yaml, or embedded)")
      .type("WHERE");
  app.option("--shadow-timeout", options.shadow_timeout,
             "the most time for one statement on a scratch database, such as 30s or 5min (default: `shadow_timeout:` of "
             "lockstep.yaml, or 60s)")
      .type("TIME");
}

}  // namespace lockstep::cli
