// Runs that wait at the gate: what they have still to do, a plan beside them leaves out.
//
// It may, if the files want the same of the objects that these runs change as the runs do. Nobody knows the files that a run was
// started for, so the differences between live and the files are compared with what its plan said it would change.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "catalog/catalog.h"
#include "catalog/change.h"
#include "plan/plan.h"
#include "planner/planner.h"
#include "reconciler/state.h"
#include "session/session.h"

namespace lockstep::reconciler {

// A run that waits: its plan, and the steps of it that are done.
struct Waiting {
  std::string run;
  plan::Plan plan;
  std::set<std::string> done;
};
// Of the database, oldest first; not `closing`, which a way back is about to undo. Reads only.
std::vector<Waiting> waiting_runs(postgres::Session& session, const std::string& closing = {});

class Beside {
 public:
  explicit Beside(std::vector<Waiting> runs);
  bool empty() const { return runs_.empty(); }
  // Whether one of the runs changes the object, or another part of the same relation.
  bool holds(const catalog::ObjectId& id) const;
  bool holds(const planner::Rename& rename) const { return holds(rename.from) || holds(rename.to); }

  // Whether it holds the object, or something that the object depends on: a rename of that changes how it is printed.
  bool holds_or_prints(const catalog::Catalog& side, const catalog::ObjectId& id) const;
  // `now` with the objects that the runs change as they are in `before`.
  catalog::Catalog kept(const catalog::Catalog& now, const catalog::Catalog& before) const;

  // A line for each difference that a run doesn't lead to, and for each change that a run is about to make and the files don't
  // ask for. `changes`, `renames`: from live to the files.
  struct Disagreement {
    std::string run, what;
  };
  std::vector<Disagreement> disagreements(const std::vector<catalog::Change>& changes, const catalog::Catalog& live,
                                          const catalog::Catalog& desired, const std::vector<planner::Rename>& renames) const;

 private:
  std::vector<Waiting> runs_;
  struct Extent {
    std::set<catalog::Path> objects;  // as a whole: a relation, not its column
    std::set<std::string> schemas;    // that the run renames: all that is in them is its own
    bool holds(const catalog::ObjectId& id) const;
  };
  std::vector<Extent> extents_;  // of each run
};

// The state to record after a run: `now`, with what waiting runs change as it was recorded `before`.
State state_beside(postgres::Session& session, const std::string& closing, const std::optional<State>& before, State now);

// Whether a trigger that the run has made, or will make, may call the function: the name is a word of the trigger's body, which
// PostgreSQL keeps as text without dependencies. `run`: one that waits, or a held one.
bool may_call(const Waiting& run, const catalog::ObjectId& function);

// What a plan changes: objects in a schema as a whole, or what stands beside the schemas. Old and new names.
std::set<catalog::Path> objects_of(const plan::Plan& plan);
// The same of one object.
catalog::Path whole_of(catalog::ObjectId id);

}  // namespace lockstep::reconciler
