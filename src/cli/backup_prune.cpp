// Removes old backups.
#include <fmt/format.h>

#include <chrono>
#include <ctime>

#include "cli/backup_places.h"
#include "cli/text.h"
#include "executor/backup.h"

namespace lockstep::cli {
namespace backup_prune {
namespace {

using executor::Manifest;
using support::ExitCode;

struct Options {
  std::string store, env, keep;
  bool yes = false;
};

void flags(Flags app, Options& options) {
  store_flag(app, options.store);
  app.option("--keep", options.keep, "remove what is older: 12h, 30d, 8w (default: `backup.keep`)").type("AGE");
  yes_flag(app, options.yes, "don't ask");
  env_flag(app, options.env);
}

// Parses "2026-11-23T10:15:00.123456Z".
std::chrono::system_clock::time_point time_of(const std::string& iso) {
  std::tm time{};
  if (strptime(iso.c_str(), "%Y-%m-%dT%H:%M:%S", &time) == nullptr) return std::chrono::system_clock::now();
  return std::chrono::system_clock::from_time_t(timegm(&time));
}

ExitCode prune(const Options& options, const ConfigOptions& config, const Console& console) {
  const Work todo = backup_work(options.env, config, console);
  std::optional<std::chrono::hours> keep;
  if (!options.keep.empty()) {
    keep = fleet::age_of(options.keep);
    if (!keep) throw support::UsageError(fmt::format("--keep {}: an age such as 12h, 30d or 8w is wanted", options.keep));
  } else if (todo.environment != nullptr) {
    keep = todo.environment->keep_backups;
  }
  if (!keep) throw support::UsageError("how old? Give --keep AGE, or --env NAME with `backup: { keep: 30d }`");
  const auto limit = std::chrono::system_clock::now() - *keep;
  const BackupPlace place = backup_place(options.store, todo);
  if (is_unused(place)) {
    console.out(unused(place) + "\n");
    return ExitCode::done;
  }
  std::vector<std::string> old;
  for (const Manifest& one : executor::list_backups(require_store(place)))
    if (time_of(one.started) < limit) old.push_back(one.folder);
  if (old.empty()) {
    console.out("nothing to remove\n");
    return ExitCode::done;
  }
  for (const std::string& folder : old) console.err(folder + "\n");
  const std::string question = fmt::format("Remove {} for good?", plural(old.size(), "backup"));
  if (!options.yes && !console.person) throw support::RefusedError(question + " Nobody is at the terminal to answer; give --yes");
  if (!options.yes && !console.ask(question)) throw support::RefusedError("nothing was removed");
  for (const std::string& folder : old) {
    executor::remove_backup(folder);
    record_pruned(folder);
    console.out("removed " + folder + "\n");
  }
  return ExitCode::done;
}

}  // namespace
}  // namespace backup_prune

constinit const Command kBackupPrune = command<backup_prune::flags, backup_prune::prune>("prune", "remove old backups");

}  // namespace lockstep::cli
