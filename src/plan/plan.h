// A plan as a value: what will be done to one database, in order, with everything needed to refuse it when the world moved.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "plan/step.h"

namespace lockstep::plan {

// Which database a plan is for. Never holds a URL (it carries secrets).
struct Target {
  std::string system_identifier;
  std::string database;
  std::int64_t database_oid = 0;
  int server_version = 0;  // server_version_num
  friend bool operator==(const Target&, const Target&) = default;
};

// A long value that changes (a function's body, a view's query), whole on both sides: shown as a diff.
struct TextChange {
  std::string attribute;
  std::string from, to;  // empty: there was none, there will be none
  friend bool operator==(const TextChange&, const TextChange&) = default;
};

// One line of "what changes and why" per object, for people.
struct ChangeNote {
  std::string sign;    // "+" added, "-" removed, "~" changed, ">" renamed
  std::string object;  // "column shop.customers.country"
  std::string detail;  // "type: integer → bigint"; empty for added and removed
  std::string source;  // place of the declaration
  std::vector<TextChange> texts;
};

// What the scratch copy could not show, and why not.
struct Unproved {
  std::string object;  // "shop.addresses", as in Hazard
  std::string reason;  // "extension postgis is not available on the scratch server"
  friend bool operator==(const Unproved&, const Unproved&) = default;
};

// What becomes of stored values: of a column, or of a type or an attribute of one, wherever values of it are stored.
struct ValueNote {
  std::string object;  // "column shop.orders.total"
  std::string effect;  // a row of values.h's table: "kept", "converted" …
  std::string how;     // "from integer to bigint, by PostgreSQL's own conversion"
  friend bool operator==(const ValueNote&, const ValueNote&) = default;
};

// A function that a new definition or an intent calls, and that belongs to somebody else.
struct ForeignCode {
  std::string object;   // "shop.orders.total", as in Hazard
  std::string message;  // what is called, whose it is
  friend bool operator==(const ForeignCode&, const ForeignCode&) = default;
};

struct Plan {
  std::string tool_version;
  Target target;
  std::string desired_fingerprint;  // Catalog::fingerprint of the managed part, after the plan
  std::vector<ChangeNote> changes;
  std::vector<ValueNote> values;  // of everything that the plan touches and values are stored in
  std::vector<Step> steps;        // in order of execution
  // Read set: objects the plan touches and everything that depends on them or that they depend on, each with its
  // fingerprint when the plan was made ("" = must not exist). Key: to_string(ObjectId).
  std::map<std::string, std::string> read_set;
  // The relations that some step expects, as they were before the first step: compared with the database before anything runs,
  // while a step's own `expects` is compared under its lock. Without locks.
  std::vector<Expectation> before;
  // What is recorded as applied once the plan has run: which objects are managed, and what of them is stated. The reconciler's
  // text (reconciler/record.h); empty in plans of older versions.
  std::string record;
  std::vector<std::string> notes;         // for people: unmanaged objects, column order …
  std::vector<Unproved> unproved;         // each needs consent
  std::vector<ForeignCode> foreign_code;  // each needs consent
  bool proved = false;

  bool empty() const { return steps.empty(); }
};

// SHA-256 over the canonical JSON of everything that decides what is executed (not notes, places or estimates).
std::string digest(const Plan& plan);

}  // namespace lockstep::plan
