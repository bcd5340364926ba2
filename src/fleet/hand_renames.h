// What somebody has renamed in a database by hand, told by where PostgreSQL keeps the object: a rename changes neither its OID
// nor the number of a column. Definitions that are alike prove nothing: the values may be others.
//
//   drift, the recorded addresses, live → renames → the same changes under the new names
#pragma once

#include <string>
#include <vector>

#include "catalog/change.h"
#include "elaborator/desired.h"
#include "planner/planner.h"
#include "postgres/introspect.h"
#include "reconciler/state.h"

namespace lockstep::fleet {

// Each with its parents' new names in `from` too, parents first.
using HandRenames = std::vector<planner::Rename>;

struct FoundRenames {
  HandRenames renames;
  // What may have been renamed and can't be taken as that, and what becomes of it in other environments.
  std::vector<std::string> possible_renames;
};
// `changes`: from the files to live. `live`: with addresses.
FoundRenames find_hand_renames(const std::vector<catalog::Change>& changes, const reconciler::State& recorded,
                               const postgres::Snapshot& live);

catalog::ObjectId after(catalog::ObjectId id, const HandRenames& renames);
catalog::ObjectId before(catalog::ObjectId id, const HandRenames& renames);
// What the files say, under the new names.
elaborator::Desired after(const elaborator::Desired& desired, const HandRenames& renames);
// The changes that are left when the files have the new names. Each renamed object has one, be it without an attribute.
std::vector<catalog::Change> after(const std::vector<catalog::Change>& changes, const HandRenames& renames,
                                   const catalog::Catalog& desired, const catalog::Catalog& live);

}  // namespace lockstep::fleet
