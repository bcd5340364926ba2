#include "executor/saved_values.h"

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <set>

#include "executor/crash_point.h"
#include "executor/manifest.h"
#include "executor/saved_files.h"
#include "plan/reliance.h"
#include "plan/undo.h"

namespace lockstep::executor {

namespace {

using support::CommandError;
using support::ExitCode;

const SavedFile* record_of(const std::vector<SavedFile>& records, const plan::Step& saver, std::size_t loss) {
  const std::string stem = saver.id + "-" + std::to_string(loss + 1) + ".";
  const auto found =
      std::find_if(records.begin(), records.end(), [&](const SavedFile& one) { return one.file.file.starts_with(stem); });
  return found == records.end() ? nullptr : &*found;
}

std::string still_there(const plan::Loss& loss) {
  return "the values of " + loss.object + " are still in the hidden column " + loss.hidden + " of " + loss.relation;
}

// Saves again while the application works, in a transaction of its own, as the step did the first time.
void save_again(Run& run, const plan::Step& saver, std::size_t index, int attempt, const std::string& why) {
  const plan::Loss& loss = saver.losses[index];
  run.output.message(saver.id + ": " + why + "; " + still_there(loss) + ", so they are saved again into " + run.backup->folder());
  with_lock_retries(run, saver, "Nothing is lost: " + still_there(loss) + ".", [&](std::chrono::milliseconds lock_timeout) {
    postgres::Transaction transaction(run.session(), "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE");
    pin_settings(run.session(), lock_timeout, true);
    const Json saved = save_loss(run, saver, index, attempt);
    run.backup->write_manifest();
    crash_point(saver.id, "after-backup");
    run.journal.append(run.id, "saved", saver.id, Json{{"reason", why}, {"saved", Json::array({saved})}});
    crash_point(saver.id, "before-commit");
    run.commit(transaction);
    crash_point(saver.id, "after-commit");
  });
}

// What is wrong with the file of a loss; empty: it exists and is intact, which is remembered.
std::string problem_with(Run& run, const SavedFile& record) {
  const Found found = find_saved(record, run.settings.backup_folder);
  if (!found.problem.empty()) return found.problem;
  std::vector<SavedFile> here = {record};
  if (std::string problem = manifest_problem(found.folder, here); !problem.empty()) return problem;
  const std::string path = found.folder + "/" + record.file.file;
  run.read_files[record_digest(record)] = {path, file_signature(path)};
  return "";
}

void secure(Run& run, const plan::Step& step, const plan::Step& saver, std::size_t index) {
  const auto records = saved_files(run.session(), run.id);
  const SavedFile* record = record_of(records, saver, index);
  if (record == nullptr && !run.backup) return;  // nobody saved it, and the user consented to that
  const std::string problem =
      record == nullptr ? "the attempt that ran it was told not to save anything (--no-backup)" : problem_with(run, *record);
  if (problem.empty()) return;
  if (run.backup) {
    save_again(run, saver, index, record == nullptr ? 1 : attempt_of(record->file.file) + 1, problem);
    const auto now = saved_files(run.session(), run.id);
    const std::string still = problem_with(run, *record_of(now, saver, index));
    if (still.empty()) return;
    stop(run, step, "the values it destroys could not be saved whole: " + still,
         "The step has not begun, and nothing is lost: " + still_there(saver.losses[index]) + ".");
  }
  stop(run, step, "what step " + saver.id + " saved, and this step destroys, is not there any more: " + problem,
       "The step has not begun, and nothing is lost: " + still_there(saver.losses[index]) +
           ". Either put the folder back where it was, or have the values saved again: run the command without --no-backup.");
}

// Of columns that the plan hides until they are dropped.
std::map<std::string, std::string> declared_names(const plan::Plan& plan) {
  std::map<std::string, std::string> names;
  for (const plan::Step& step : plan.steps) {
    for (const plan::Helper& helper : step.helpers) {
      const bool hides = helper.change == plan::Helper::Change::made && helper.names.size() == 3;
      if (hides && plan::holds_former_values(helper)) names[helper.names.back()] = helper.subject.back();
    }
  }
  return names;
}

}  // namespace

Json save_loss(Run& run, const plan::Step& step, std::size_t index, int attempt) {
  SavedFile saved{
      run.id, run.backup->folder(), run.backup->save(run.session(), step, index, attempt, declared_names(run.plan)), {}};
  const BackupFile& file = saved.file;
  run.session().query(
      "INSERT INTO lockstep.backup (run, step, object, what, relation, folder, file, row_count, raw_bytes, stored_bytes, "
      "raw_sha256, stored_sha256) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
      {run.id, step.id, file.object, file.what, file.relation, saved.folder, file.file, std::to_string(file.rows),
       std::to_string(file.raw_bytes), std::to_string(file.stored_bytes), file.raw_sha256, file.stored_sha256});
  run.output.backed_up(file.object, file.rows, file.stored_bytes, saved.folder + "/" + file.file);
  return Json{{"file", file.file}, {"record", record_digest(saved)}, {"entry", entry_digest(file)}};
}

void secure_saved_values(Run& run, const plan::Step& step) {
  for (const plan::Step* saver : plan::relied_on(run.plan, step)) {
    for (std::size_t index = 0; index < saver->losses.size(); ++index) {
      if (!saver->losses[index].hidden.empty() && !saver->losses[index].query.empty()) secure(run, step, *saver, index);
    }
  }
}

void require_saved_values(Run& run, const plan::Step& step) {
  const auto savers = plan::relied_on(run.plan, step);
  if (savers.empty()) return;
  for (const SavedFile& record : saved_files(run.session(), run.id)) {
    const bool needed =
        std::any_of(savers.begin(), savers.end(), [&](const plan::Step* saver) { return saver->id == record.file.step; });
    if (!needed) continue;
    const auto read = run.read_files.find(record_digest(record));
    if (read == run.read_files.end())
      throw SavedValuesMoved{"the row of " + record.file.file + " in lockstep.backup has changed since it was read a moment ago"};
    if (file_signature(read->second.path) != read->second.signature)
      throw SavedValuesMoved{read->second.path + " was changed or removed since it was read a moment ago"};
  }
}

void check_saved_before_resume(Run& run) {
  std::map<std::string, std::vector<SavedFile>> by_folder;
  std::error_code ignored;
  for (const SavedFile& record : saved_files(run.session(), run.id)) {
    bool there = false;
    for (const std::string& folder : folders_of(run.id, record.folder, run.settings.backup_folder)) {
      if (!std::filesystem::exists(folder + "/" + record.file.file, ignored)) continue;
      there = true;
      by_folder[folder].push_back(record);
      break;
    }
    const auto relies = [&](const plan::Step& step) {
      const auto savers = plan::relied_on(run.plan, step);
      return !run.states[step.id].done &&
             std::any_of(savers.begin(), savers.end(), [&](const plan::Step* saver) { return saver->id == record.file.step; });
    };
    if (!there && std::none_of(run.plan.steps.begin(), run.plan.steps.end(), relies))
      run.output.message(record.file.step + ": what it saved of " + record.file.object + " is not in " + record.folder +
                         " any more, and it is not in the database either");
  }
  for (const auto& [folder, records] : by_folder) {
    const std::string problem = manifest_problem(folder, records);
    if (problem.empty()) continue;
    throw CommandError(ExitCode::mismatch,
                       problem + "\nRun " + run.short_id() + " of database \"" + run.plan.target.database + "\" is open (" +
                           std::to_string(run.steps_done()) + " of " + std::to_string(run.plan.steps.size()) +
                           " steps are done), and nothing was changed by this command. Put the folder back as it was written; "
                           "or, if it is not to "
                           "be trusted any more, move it away: what is still in the database is saved again.");
  }
}

}  // namespace lockstep::executor
