#include "reconciler/unmanaged.h"

#include <algorithm>

#include "recipes/identity.h"
#include "support/error.h"

namespace lockstep::reconciler {

using catalog::Change;
using catalog::ObjectId;

void refuse_unmanaged(const postgres::Snapshot& live, const std::vector<Change>& changes) {
  for (const auto& unmanaged : live.unmanaged) {
    for (const auto& needed : unmanaged.needs) {
      const bool goes = std::any_of(changes.begin(), changes.end(), [&](const Change& change) {
        return change.what == Change::What::removed && change.id == needed;
      });
      if (goes) {
        throw support::RefusedError(
            unmanaged.description + " depends on " + catalog::to_string(needed) +
            ", which the plan would drop, and Lockstep can't manage the former.\nNothing was changed. Drop it by hand first.");
      }
    }
  }
}

void note_lost(const postgres::Snapshot& live, const std::vector<Change>& changes, plan::Plan& plan) {
  for (const auto& unmanaged : live.unmanaged) {
    for (const ObjectId& with : unmanaged.goes_with) {
      const auto root = live.catalog.at(live.catalog.root(*live.catalog.index_of(with))).id;
      const auto parent = live.catalog.find(with)->parent;
      const bool goes = std::any_of(changes.begin(), changes.end(),
                                    [&](const Change& change) { return change.id == with && recipes::loses_identity(change); });
      const bool whole = std::any_of(changes.begin(), changes.end(), [&](const Change& change) {
        return change.what == Change::What::removed && (change.id == root || (parent && change.id == *parent));
      });
      if (goes && !whole) plan.notes.push_back(unmanaged.description + " is lost: it is not managed, and nothing recreates it");
    }
  }
}

}  // namespace lockstep::reconciler
