// For values that an earlier step saved and a later one destroys: the later step checks the saved files before it destroys
// anything.
#pragma once

#include "executor/run.h"

namespace lockstep::executor {

// A file that a step relies on changed after it was read and before the step's statements.
struct SavedValuesMoved {
  std::string what;
};

// Before the step's transaction: reads every file that the step relies on and compares it with the database's record. If one is
// missing or damaged, the values are still in the database and are saved again into the run's present backup folder. Stops the
// run (exit 7) if that fails. With --no-backup, values that no attempt saved need no file.
void secure_saved_values(Run& run, const plan::Step& step);
// In the step's transaction, under its locks: checks that the record and the files are those that were read. Throws
// SavedValuesMoved.
void require_saved_values(Run& run, const plan::Step& step);

// Saves one loss of a step and records it in the open transaction. The caller has to write the manifest afterwards. Returns
// what the step's event contains about it.
Json save_loss(Run& run, const plan::Step& step, std::size_t loss, int attempt);

// For a run that is resumed. Throws CommandError{mismatch} if the manifest of an existing folder differs from the database's
// record. Reports missing files of finished steps.
void check_saved_before_resume(Run& run);

}  // namespace lockstep::executor
