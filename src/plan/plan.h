// A plan: what will be done to one database, in order, and what is needed to refuse it if the database has changed since.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "plan/step.h"

namespace lockstep::plan {

// The database that a plan is for. It never contains a URL, because a URL may contain a password.
struct Target {
  std::string system_identifier;
  std::string database;
  std::int64_t database_oid = 0;
  int server_version = 0;  // server_version_num
  friend bool operator==(const Target&, const Target&) = default;
};

// A long value that changes, such as a function's body or a view's query. Both versions are complete; the views show a diff.
struct TextChange {
  std::string attribute;
  std::string from, to;  // empty: the attribute is absent on that side
  friend bool operator==(const TextChange&, const TextChange&) = default;
};

// One line for people: what changes about one object, and where that is declared.
struct ChangeNote {
  std::string sign;    // "+" added, "-" removed, "~" changed, ">" renamed
  std::string object;  // "column shop.customers.country"
  std::string detail;  // "type: integer → bigint"; empty for added and removed
  std::string source;  // place of the declaration
  std::vector<TextChange> texts;
  std::string becomes = {};   // renamed: the new name, plain
  bool transitional = false;  // renamed from a name that the plan itself gave it for the time being: people needn't know
};

// An object that could not be tried on the scratch copy, and why.
struct Unproved {
  std::string object;  // "shop.addresses", as in Hazard
  std::string reason;  // "extension postgis is not available on the scratch server"
  friend bool operator==(const Unproved&, const Unproved&) = default;
};

// What happens to the stored values of a column, or to all stored values of a type or of a type's attribute.
struct ValueNote {
  std::string object;  // "column shop.orders.total"
  std::string effect;  // a row of values.h's table: "kept", "converted" …
  std::string how;     // "from integer to bigint, by PostgreSQL's own conversion"
  friend bool operator==(const ValueNote&, const ValueNote&) = default;
};

// A call, in a new definition or an intent, of a function that another role owns.
struct ForeignCode {
  std::string object;   // "shop.orders.total", as in Hazard
  std::string message;  // names the function and its owner
  friend bool operator==(const ForeignCode&, const ForeignCode&) = default;
};

inline constexpr std::int64_t kLongestHold = 366 * 86400;  // seconds

struct Plan {
  std::string tool_version;
  Target target;
  std::string desired_fingerprint;  // Catalog::fingerprint of the managed part, as it is after the plan
  std::vector<ChangeNote> changes;
  std::vector<ValueNote> values;  // of everything that the plan changes and that has stored values
  std::vector<Step> steps;        // in order of execution
  // Read set: the objects that the plan changes, all objects that depend on them and all that they depend on. Maps
  // to_string(ObjectId) to the fingerprint at planning time; "" means that the object must not exist.
  std::map<std::string, std::string> read_set;
  // The relations that some step expects, in the shape they have before the first step, without locks. They are compared with
  // the database before anything runs. A step's own `expects` is compared under the step's lock.
  std::vector<Expectation> before;
  // What is recorded as applied after the plan has run: the managed objects and their stated attributes. A text of the
  // reconciler (reconciler/state.h); empty in plans that older versions wrote.
  std::string record;
  std::vector<std::string> notes;         // for people: unmanaged objects, column order …
  std::vector<Unproved> unproved;         // each needs consent
  std::vector<ForeignCode> foreign_code;  // each needs consent
  bool proved = false;
  Speeds speeds;  // of the server, for the estimates; for people
  // Seconds after contract during which what the plan takes away is only hidden, until the steps of phase purge remove it. 0: it
  // has no such steps.
  std::int64_t hold = 0;
  std::string undoes;    // the run that it undoes (a uuid); empty: it is no way back
  std::string progress;  // how far that run had come when this was made (executor::progress_of); it must not have changed

  bool empty() const { return steps.empty(); }
};

// SHA-256 over the canonical JSON of all fields that decide what is executed (not of notes, places or estimates).
std::string digest(const Plan& plan);

}  // namespace lockstep::plan
