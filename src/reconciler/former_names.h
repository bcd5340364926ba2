// The desired state under the names that the database has before the plan's renames. A plan with renames leads there first and
// renames last (docs/adr/0027).
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "catalog/intent.h"
#include "elaborator/desired.h"
#include "elaborator/scratch_copy.h"
#include "planner/planner.h"
#include "reconciler/intents.h"

namespace lockstep::reconciler {

class FormerNames {
 public:
  // Copies `desired` to a scratch database. Both must outlive this object.
  FormerNames(const elaborator::Desired& desired, const postgres::Snapshot& live, const elaborator::Options& options);

  // Makes the renames backwards on the copy, and reads from PostgreSQL how it prints everything under the former names. What has
  // a former name already is created under a transitional name, and gets its own at the end. REQUIRES: each rename comes before
  // those given in earlier calls. Throws CommandError{failed} if the copy lacks something.
  void take_back(const std::vector<planner::Rename>& renames);

  const elaborator::Desired& desired() const { return result_; }             // under the former names
  const catalog::Catalog& elaborated() const { return copy_.catalog; }       // the copy, under the former names
  const catalog::Catalog& elaborated_as_declared() const { return first_; }  // the copy as it was made
  std::vector<planner::Rename> renames() const;                              // in the order in which the plan makes them
  Renaming statements() const;                                               // of the renames
  catalog::Intents intents(const catalog::Intents& declared) const;          // by former names
  catalog::ObjectId former(const catalog::ObjectId& id) const;               // of an id as declared
  catalog::ObjectId declared(const catalog::ObjectId& former) const;         // the other way round
  // Replaces `back using` of what `changes` concern by its elaborated form, under the former names. `live_copy`: of `live`.
  void elaborate_ways_back(catalog::Intents& intents, const std::vector<catalog::Change>& changes, const catalog::Catalog& live,
                           elaborator::Copy& live_copy);

 private:
  using Addresses = std::map<catalog::ObjectId, postgres::Address>;

  void require_whole(const planner::Rename& first) const;
  void make_room(const catalog::ObjectId& name);
  void run(const planner::Rename& rename);
  void read();
  catalog::ObjectId map(const catalog::ObjectId& id);
  catalog::Catalog translated(const catalog::Catalog& catalog) const;
  parser::Scope scope() const;

  const elaborator::Desired& declared_;
  const postgres::Snapshot& live_;
  elaborator::Copy copy_;
  catalog::Catalog first_;
  Addresses first_addresses_;
  std::vector<catalog::ObjectId> present_;                    // by the names that they have on the copy by now
  std::map<postgres::Address, catalog::ObjectId> addressed_;  // the same, as PostgreSQL says it after the last rename
  std::map<catalog::ObjectId, catalog::ObjectId> former_;     // by the id in first_
  std::vector<planner::Rename> renames_, own_;                // own_: newest first
  elaborator::Desired result_;
};

}  // namespace lockstep::reconciler
