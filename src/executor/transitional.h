// Transitional objects (plan/helper.h) as table lockstep.object has them: by OID, from the transaction that makes them to the
// one that takes them away. A step outside a transaction announces them by name, and settles them by OID.
//
// A row whose object is gone (somebody dropped it), or is of another type by now, says so and does no harm. Rows are believed in
// the database they were written in only: a dump brings them along, and another database has other OIDs
// (postgres/transitional.h).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "plan/step.h"
#include "postgres/session.h"

namespace lockstep::executor {

struct Transitional {
  std::string run, step;  // that made it
  std::string role, type;
  std::vector<std::string> names, subject;
  std::string undo;                            // made from the names (plan/undo.h), not read: that is for people
  std::int64_t class_oid = 0, object_oid = 0;  // 0: announced
  int attnum = 0;
  bool there = false;              // it exists
  std::vector<std::string> named;  // what it is called by now; empty: as above, or gone
};

// Before a step outside a transaction.
void announce_helpers(postgres::Session& session, const std::string& run, const plan::Step& step);
// In the step's own transaction, after its statements; for a step outside one, in the transaction that settles it.
void record_helpers(postgres::Session& session, const std::string& run, const plan::Step& step);

// All of them, in the order in which they were made. Of a table with descendants one row for each. Reads only.
std::vector<Transitional> transitional_objects(postgres::Session& session);
// Whether the table has a row, without reading what it says.
bool any_recorded(postgres::Session& session);
// Those that no open run answers for: what runs left that were given up. Reads only.
std::vector<Transitional> left_behind(postgres::Session& session);
// Strikes out the rows of objects that are gone. Returns how many.
std::size_t forget_gone(postgres::Session& session);

}  // namespace lockstep::executor
