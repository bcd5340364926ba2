// The one place that wires the stages: elaborate, compare, plan, prove, execute, verify.
//
//   files → declared → (scratch) → desired;  target → live → (scratch copy, renames) → live′;  diff → plan → proof
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "executor/executor.h"
#include "parser/declared.h"
#include "plan/plan.h"
#include "postgres/introspect.h"
#include "postgres/shadow.h"
#include "support/diagnostic.h"

namespace lockstep::reconciler {

struct Sources {
  std::vector<std::string> paths;  // .schema and .sql files
  std::map<std::string, std::string> variables;
  // The folder of lockstep.yaml, if there is one: what a file in it includes stays in it. A file elsewhere stays in its own
  // folder.
  std::optional<std::string> project = std::nullopt;
};

struct Options {
  bool prove = true;
  bool cache = true;                  // may use and keep answers on disk (memory.h, elaborate)
  std::vector<std::string> binaries;  // postgres.bindirs
  postgres::Shadow shadow;            // where scratch databases are made
  std::string tool_version;           // written into plans
};

// Of everything that declare() depends on: the files' bytes, their names and the variables.
std::string digest_of(const Sources& sources);

// Parses and lowers. Diagnostics hold every error; the result is only meaningful when they have none.
parser::Declared declare(const Sources& sources, support::Diagnostics& diagnostics);

// Runs the declarations on a scratch database and reads them back; PostgreSQL's errors become diagnostics at their place.
struct Desired {
  catalog::Catalog catalog;
  std::map<catalog::ObjectId, std::string> places;  // "file:line:col" by desired id
  parser::Scope scope;                              // as declared, with every schema that a script makes something in
  // What the scratch server can't have, and why: such an object is in `catalog` as it was declared.
  std::map<catalog::ObjectId, std::string> untried;
  // What the scratch server can't have either, and why, but with a stand-in there: of `whole()`. What depends on it was
  // elaborated.
  std::map<catalog::ObjectId, std::string> stood_in;
  // With what others own and `catalog` refers to (external tables, live objects outside what is managed): what it takes to
  // make `catalog` anew. Absent: nothing.
  std::optional<catalog::Catalog> with_surroundings;
  const catalog::Catalog& whole() const { return with_surroundings ? *with_surroundings : catalog; }
};
Desired elaborate(const parser::Declared& declared, const postgres::Snapshot* live, const Options& options,
                  support::Diagnostics& diagnostics);

struct Comparison {
  plan::Plan plan;  // empty: live equals desired
  postgres::Snapshot live;
  Desired desired;
  std::vector<std::string> unmanaged;  // descriptions
};
// The whole of `plan`. Throws CommandError{failed} when the plan can't be proved, naming what differs.
Comparison compare(postgres::Session& target, const parser::Declared& declared, const Options& options,
                   support::Diagnostics& diagnostics);

// The steps that make the whole of `live` in an empty database, in an order that works. What every database begins with
// (schema public) is asked of a scratch database. `owners`: with the statements that give each object its owner.
plan::Steps creation(const postgres::Snapshot& live, const Options& options, bool owners);

// What of `plan.read_set` is no longer so in `live`: object names and settings with what happened to them. Empty: still fresh.
std::vector<std::string> stale(const plan::Plan& plan, const postgres::Snapshot& live);

// After an apply: reads the catalog again; lists what differs from desired. Empty: live equals desired.
std::vector<std::string> verify(postgres::Session& target, const Desired& desired, const Options& options);

}  // namespace lockstep::reconciler
