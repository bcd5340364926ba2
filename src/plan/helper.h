// A transitional object: Lockstep creates it beside the declared schema, and the same step or a later one drops it.
//
// The executor inserts it by OID into lockstep.object in the transaction that creates it, and deletes that row in the
// transaction that drops it. Lockstep identifies a transitional object by that row, never by its name.
#pragma once

#include <string>
#include <vector>

namespace lockstep::plan {

struct Helper {
  enum class Change { made, taken };
  Change change = Change::made;
  std::string role;                  // for people: "fill trigger", "hidden column"
  std::string type;                  // as pg_get_object_address() names it: "table column", "trigger", "function", "index" …
  std::vector<std::string> names;    // as pg_get_object_address() expects them: {"shop", "customers", "lockstep_dropped_fax"}
  std::vector<std::string> subject;  // the declared object that it serves: {"shop", "customers", "fax"}
  // For `made`: one statement that drops the object or gives the column its former name back. For `taken`: empty, or the
  // statement by which this step drops the object, because the run that created it was given up. The journal keeps the text for
  // people; nothing reads it from there and runs it.
  std::string undo;
  friend bool operator==(const Helper&, const Helper&) = default;
};

}  // namespace lockstep::plan
