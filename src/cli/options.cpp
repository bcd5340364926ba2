#include "cli/options.h"

#include "elaborator/options.h"
#include "fleet/configuration.h"
#include "support/error.h"

namespace lockstep::cli {

void target_flags(Flags app, TargetOptions& options) {
  const Option url = app.option("--url", options.url, "the database: any libpq URI or keyword string").type("URL");
  app.option("--env", options.env, "the database of this environment of lockstep.yaml").type("NAME").excludes(url);
}

void targets_flags(Flags app, TargetsOptions& options) {
  const Option url = app.option("--url", options.url, "the database: any libpq URI or keyword string").type("URL");
  app.option("--env", options.environments, "environments of lockstep.yaml (default: all of them)")
      .type("NAME")
      .list()
      .excludes(url);
}

void schema_flags(Flags app, SchemaOptions& options) {
  app.option("--schema", options.paths, "schema files, folders or patterns (default: `schema:` of lockstep.yaml)")
      .type("PATH")
      .several();
  app.flag("--no-cache", options.no_cache, "don't use, and don't keep, results of earlier runs on disk");
  shadow_flags(app, options.shadow);
}

void shadow_flags(Flags app, ShadowOptions& options) {
  app.option("--shadow", options.where,
             "where scratch databases are made: embedded, same-server or the URL of another server (default: `shadow:` of "
             "lockstep.yaml, or embedded)")
      .type("WHERE");
  app.option("--shadow-timeout", options.timeout,
             "the most time for one statement on a scratch database, such as 30s or 5min (default: `shadow_timeout:` of "
             "lockstep.yaml, or 60s)")
      .type("TIME");
}

void backup_flags(Flags app, BackupOptions& options) {
  app.flag("--no-backup", options.none, "don't save what a step loses");
  store_flag(app, options.store);
}

void store_flag(Flags app, std::string& store) {
  app.option("--store", store, "the backup folder (default: `backup.store`, else ./backups)").type("DIR");
}

void yes_flag(Flags app, bool& yes, const char* help) {
  app.flag("-y,--yes", yes, help);
}

void run_flag(Flags app, std::string& run) {
  app.option("--run", run, "the open run that is meant, or the beginning of its id, where several wait at their gates")
      .type("RUN");
}

void hold_flag(Flags app, std::optional<std::string>& hold) {
  app.option("--hold", hold,
             "keep what goes hidden for so long after contract, so that a rollback has it: 30min, 24h, 7d, none (default: "
             "`hold:` of the "
             "environment, else not at all)")
      .type("TIME");
}

void take_hold(elaborator::Options& options, const std::optional<std::string>& hold) {
  if (!hold) return;
  const auto time = *hold == "none" ? std::chrono::seconds(0) : fleet::hold_of(*hold);
  if (!time) throw support::UsageError("--hold takes a time such as 30min, 24h or 7d, at most a year, or none");
  options.hold = *time;
}

void allow_flag(Flags app, std::vector<std::string>& allow, const std::string& help) {
  app.option("--allow", allow, help).type("KIND[:GLOB]").list(true);
}

}  // namespace lockstep::cli
