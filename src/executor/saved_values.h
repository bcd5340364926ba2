// What a step destroys and an earlier step saved: the step looks at the saved files itself, before it destroys anything.
#pragma once

#include "executor/run.h"

namespace lockstep::executor {

// A file that a step relies on changed between the reading of it and the step's statements.
struct SavedValuesMoved {
  std::string what;
};

// Before the step's transaction: reads every file that the step relies on and compares it with the database's record. Where one
// is missing or damaged, the values are still in the database: they are saved again into the run's present backup folder.
// Stops the run (exit 7) where that can't be done. With --no-backup, values that no attempt saved need no file.
void secure_saved_values(Run& run, const plan::Step& step);
// In the step's transaction, under its locks: the record and the files are those that were read. Throws SavedValuesMoved.
void require_saved_values(Run& run, const plan::Step& step);

// Saves one loss of a step and records it, in the open transaction; the manifest has to be written afterwards. Returns what the
// step's event says about it.
Json save_loss(Run& run, const plan::Step& step, std::size_t loss, int attempt);

// For a run that goes on. Throws CommandError{mismatch} when the manifest of a folder that is there differs from the database's
// record. Tells of files of finished steps that are missing.
void check_saved_before_resume(Run& run);

}  // namespace lockstep::executor
