// Transitional objects (plan/helper.h), recorded by OID in table lockstep.object from the transaction that creates them to the
// one that drops them. A step outside a transaction announces them by name before, and sets the OIDs when it is settled.
//
// A row whose object is gone (somebody dropped it), or is of another type now, is reported and does no harm. Rows count only in
// the database in which they were written: a dump copies them, but in another database the OIDs differ
// (postgres/transitional.h).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "plan/step.h"
#include "session/session.h"

namespace lockstep::executor {

struct Transitional {
  std::string run, step;  // the step that created it
  std::string role, type;
  std::vector<std::string> names, subject;
  std::string undo;  // made from the names (plan/undo.h), not read from the table, whose text is for people
  std::int64_t class_oid = 0, object_oid = 0;  // 0: only announced
  int attnum = 0;
  bool there = false;              // it exists
  std::vector<std::string> named;  // its present names; empty: unchanged, or gone
};

// For a step outside a transaction, before it runs.
void announce_helpers(postgres::Session& session, const std::string& run, const plan::Step& step);
// In the step's own transaction, after its statements; for a step outside one, in the transaction that settles it.
void record_helpers(postgres::Session& session, const std::string& run, const plan::Step& step);

// All of them, in the order of creation. If the object is on a table with descendants, one row for each. Reads only.
std::vector<Transitional> transitional_objects(postgres::Session& session);
// Whether the table has a row; its contents are not read.
bool any_recorded(postgres::Session& session);
// Those that belong to no open or held run: left by runs that were given up. `closing`: such a run, if it is about to be given
// up: its objects count too. Reads only.
std::vector<Transitional> left_behind(postgres::Session& session, const std::string& closing = {});
// Deletes the rows whose objects are gone. Returns their number.
std::size_t forget_gone(postgres::Session& session);

}  // namespace lockstep::executor
