// A transitional object: what a step makes beside the schema that was asked for, and a later step (or the same) takes away.
//
// The executor records it in lockstep.object by its OID, in the transaction that makes it, and removes it from there in the
// transaction that takes it away. It is known by that record, never by its name.
#pragma once

#include <string>
#include <vector>

namespace lockstep::plan {

struct Helper {
  enum class Change { made, taken };
  Change change = Change::made;
  std::string role;                  // for people: "fill trigger", "hidden column"
  std::string type;                  // as pg_get_object_address() names it: "table column", "trigger", "function", "index" …
  std::vector<std::string> names;    // as it wants them: {"shop", "customers", "lockstep_dropped_fax"}
  std::vector<std::string> subject;  // the declared object that it serves: {"shop", "customers", "fax"}
  // `made`: one statement that takes it away, or gives it its former name. `taken`: empty, or the step that takes it does so by
  // this statement, since its own run was given up. The journal keeps it for people and never gives it back to be run.
  std::string undo;
  friend bool operator==(const Helper&, const Helper&) = default;
};

}  // namespace lockstep::plan
